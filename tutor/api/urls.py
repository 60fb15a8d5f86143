"""The tutor's part of the platform's API, under /api/tutor/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tutor.api.views import (
    assignments,
    courses,
    files,
    insights,
    learners,
    loose,
    marking,
    outcomes,
    questions,
    terms,
    work,
)

BASE = "api/tutor/"
COURSE = f"{BASE}courses/<uuid:course_id>"
LEARNER = f"{COURSE}/learners/<uuid:learner_id>"
ASSIGNMENT = f"{BASE}assignments/<uuid:assignment_id>"
QUESTION = f"{BASE}questions/<uuid:question_id>"
ANSWER = f"{BASE}answers/<uuid:answer_id>"
GROUP = f"{BASE}groups/<uuid:group_id>"
IMPORT = f"{BASE}roster-imports/<uuid:import_id>"
RUN = f"{BASE}runs/<uuid:run_id>"
REGRADE = f"{BASE}regrades/<uuid:regrade_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{BASE}propose", loose.ProposeView.as_view(), name="api_propose"),
    path(f"{BASE}terms", terms.TermsView.as_view(), name="api_terms"),
    path(f"{BASE}terms/<uuid:term_id>", terms.TermView.as_view(), name="api_term"),
    path(f"{BASE}courses", courses.CoursesView.as_view(), name="api_courses"),
    path(COURSE, courses.CourseView.as_view(), name="api_course"),
    path(f"{COURSE}/staff", courses.StaffView.as_view(), name="api_staff"),
    path(f"{COURSE}/staff/<uuid:person_id>", courses.StaffMemberView.as_view(), name="api_staff_member"),
    path(f"{COURSE}/class-lists", files.ClassListsView.as_view(), name="api_class_lists"),
    path(f"{BASE}roster-imports", files.RosterImportsView.as_view(), name="api_roster_imports"),
    path(IMPORT, files.RosterImportView.as_view(), name="api_roster_import"),
    path(f"{IMPORT}/apply", files.RosterImportApplyView.as_view(), name="api_roster_apply"),
    path(f"{COURSE}/learners", learners.LearnersView.as_view(), name="api_learners"),
    path(LEARNER, learners.LearnerView.as_view(), name="api_learner"),
    path(f"{LEARNER}/results", outcomes.LearnerResultsView.as_view(), name="api_results"),
    path(f"{LEARNER}/learning", insights.LearningView.as_view(), name="api_learning"),
    path(f"{COURSE}/assignments", assignments.AssignmentsView.as_view(), name="api_assignments"),
    path(ASSIGNMENT, assignments.AssignmentView.as_view(), name="api_assignment"),
    path(f"{ASSIGNMENT}/copy", assignments.AssignmentCopyView.as_view(), name="api_assignment_copy"),
    path(f"{ASSIGNMENT}/extensions", assignments.ExtensionsView.as_view(), name="api_extensions"),
    path(f"{ASSIGNMENT}/extensions/<uuid:learner_id>", assignments.ExtensionView.as_view(), name="api_extension"),
    path(f"{ASSIGNMENT}/questions", questions.QuestionsView.as_view(), name="api_questions"),
    path(f"{ASSIGNMENT}/question-files", files.QuestionFileView.as_view(), name="api_question_file"),
    path(f"{ASSIGNMENT}/question-files/import", files.QuestionImportView.as_view(), name="api_question_import"),
    path(f"{ASSIGNMENT}/marks-imports", files.MarksImportsView.as_view(), name="api_marks_imports"),
    path(f"{ASSIGNMENT}/marks-imports/plan", files.MarksPlanView.as_view(), name="api_marks_plan"),
    path(f"{BASE}marks-imports/<uuid:import_id>/undo", files.MarksImportUndoView.as_view(), name="api_marks_undo"),
    path(f"{ASSIGNMENT}/submissions", work.SubmissionsView.as_view(), name="api_submissions"),
    path(f"{ASSIGNMENT}/releases", outcomes.ReleasesView.as_view(), name="api_releases"),
    path(f"{ASSIGNMENT}/releases/withdraw", outcomes.ReleaseWithdrawView.as_view(), name="api_release_withdraw"),
    path(f"{ASSIGNMENT}/gradebook", outcomes.GradebookView.as_view(), name="api_gradebook"),
    path(f"{BASE}submissions/<uuid:submission_id>", work.SubmissionView.as_view(), name="api_submission"),
    path(QUESTION, questions.QuestionView.as_view(), name="api_question"),
    path(f"{QUESTION}/rubrics", questions.RubricsView.as_view(), name="api_rubrics"),
    path(f"{QUESTION}/answers", work.AnswersView.as_view(), name="api_answers"),
    path(f"{QUESTION}/runs", marking.RunsView.as_view(), name="api_runs"),
    path(f"{QUESTION}/groups", marking.GroupsView.as_view(), name="api_groups"),
    path(f"{QUESTION}/grouping", marking.GroupingView.as_view(), name="api_grouping"),
    path(f"{QUESTION}/dial", insights.DialView.as_view(), name="api_dial"),
    path(f"{QUESTION}/quality", insights.QualityView.as_view(), name="api_quality"),
    path(f"{QUESTION}/similar", insights.SimilarView.as_view(), name="api_similar"),
    path(f"{QUESTION}/similar/search", insights.SimilarSearchView.as_view(), name="api_similar_search"),
    path(f"{QUESTION}/robustness/check", insights.RobustnessCheckView.as_view(), name="api_robustness_check"),
    path(f"{QUESTION}/robustness", insights.RobustnessView.as_view(), name="api_robustness"),
    path(f"{BASE}pairs/<uuid:pair_id>", insights.PairView.as_view(), name="api_pair"),
    path(f"{QUESTION}/marks", marking.MarksView.as_view(), name="api_marks"),
    path(ANSWER, work.AnswerView.as_view(), name="api_answer"),
    path(f"{ANSWER}/marks", marking.AnswerMarksView.as_view(), name="api_answer_marks"),
    path(f"{ANSWER}/proof", outcomes.ProofView.as_view(), name="api_proof"),
    path(GROUP, marking.GroupView.as_view(), name="api_group"),
    path(f"{GROUP}/split", marking.GroupSplitView.as_view(), name="api_group_split"),
    path(f"{GROUP}/merge", marking.GroupMergeView.as_view(), name="api_group_merge"),
    path(f"{GROUP}/members", marking.GroupMembersView.as_view(), name="api_group_members"),
    path(RUN, marking.RunView.as_view(), name="api_run"),
    path(f"{RUN}/difference", marking.RunDifferenceView.as_view(), name="api_run_difference"),
    path(f"{RUN}/apply", marking.RunApplyView.as_view(), name="api_run_apply"),
    path(f"{RUN}/proposals", marking.ProposalsView.as_view(), name="api_proposals"),
    path(f"{BASE}regrades", outcomes.RegradesView.as_view(), name="api_regrades"),
    path(REGRADE, outcomes.RegradeView.as_view(), name="api_regrade"),
    path(f"{REGRADE}/messages", outcomes.RegradeMessagesView.as_view(), name="api_regrade_messages"),
]
