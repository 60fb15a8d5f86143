from __future__ import annotations

import pytest
from django.db import connection

from llmasos.privacy.registry import retention_classes, stores, stores_of, subject_kinds

# Tables that hold nothing of a person, with the reason. A new table is either in a store or gets its line here.
WITHOUT_PERSONAL_DATA = {
    "accounts_organisation": "the organisation itself",
    "accounts_mailserver": "how the installation sends mail",
    "accounts_setuplink": "digest of a link",
    "accounts_serviceaccount": "a program",
    "accounts_apikey": "a program's key; who made it is cut loose on erasure",
    "accounts_person_groups": "goes with the person",
    "accounts_person_user_permissions": "goes with the person",
    "account_emailconfirmation": "goes with the address",
    "answering_calibration": "fitted figures",
    "api_keptreply": "replies to programs' writes, kept a day: ids and no words of a person",
    "auth_group": "names of groups",
    "auth_group_permissions": "rights",
    "auth_permission": "rights",
    "clinical_assist_feedback": "what was said of a suggestion; sealed, names no patient, the writer is cut loose",
    "clinical_assist_readersetting": "how a clinician wants the pages; goes with the person",
    "clinical_assist_referencecollection": "which collections are references",
    "clinical_assist_knowledgeversion": "conditions, medicines or order sets; who wrote and reviewed them is cut loose",
    "clinical_assist_medicallead": "who leads; goes with the person",
    "clinical_assist_stopswitch": "what was stopped and why; the reason names no patient and is sealed",
    "clinical_assist_fhirclient": "programs that read over FHIR; who registered one is cut loose on erasure",
    "clinical_assist_fhirtoken": "digests of programs' access tokens",
    "clinical_assist_hookcaller": "clinical systems that ask for decision support; who registered one is cut loose",
    "clinical_assist_hookcard": "which rule a card was of; names no patient",
    "clinical_assist_rulereview": "what was found about a rule; the note names no patient and is sealed",
    "clinical_assist_rulefiring": "how often a rule fires and what is done about it; names no patient",
    "django_admin_log": "goes with the person",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
    "inference_catalogueentry": "models of the installation",
    "inference_organisationdefault": "which model an organisation uses",
    "inference_usagelimit": "what organisations and programs may use",
    "retrieval_collection": "names of collections",
    "support_bot_site": "websites",
    "support_bot_sitecollection": "which knowledge a website answers from",
    "privacy_deidentification_policy": "rules of the organisation",
    "privacy_retentionperiod": "periods",
    "tutor_answergroup": "names of groups of answers; the answers are in the learner's store",
    "tutor_assignment": "work that is set",
    "tutor_course": "courses",
    "tutor_coursestaff": "who teaches what; goes with the person",
    "tutor_coursetracing": "parameters fitted to a course's answers: rates, which name nobody",
    "tutor_exercise": "exercises",
    "tutor_learningsettings": "what a course gives its learners",
    "tutor_gradingmodel": "weights learnt from marked answers; no text",
    "tutor_groupact": "acts on groups of answers: counts and times",
    "tutor_marksimport": "marks taken over from a file: counts and times; the file is not kept",
    "tutor_ltiaccount": "digest of who somebody is on a learning platform; goes with the person",
    "tutor_lticontext": "classes of learning platforms",
    "tutor_ltilink": "links of learning platforms",
    "tutor_ltiplatform": "learning platforms",
    "tutor_markingjob": "work of the machine: states and counts",
    "tutor_proposalrun": "passes of the engine: states and counts",
    "tutor_question": "questions",
    "tutor_reviewdial": "how much of a question's proposals is reviewed; names nobody but the teacher who set it",
    "tutor_questionskill": "which skills a question needs",
    "tutor_robustnesscheck": "what tricks would gain on a question: counts and means",
    "tutor_rubricversion": "rubrics",
    "tutor_skill": "skills",
    "tutor_term": "terms",
    "vault_subjectkey": "wrapped keys, destroyed on erasure",
}


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if not name.startswith("pg_")}


@pytest.mark.django_db
def test_every_table_is_in_a_store_or_known_to_hold_nothing_of_a_person() -> None:
    covered = {table for store in stores().values() for table in store.tables}
    own = ("audit_", "vault_", "console_")
    missing = {table for table in tables() - covered - set(WITHOUT_PERSONAL_DATA) if not table.startswith(own)}

    assert missing == set()


@pytest.mark.django_db
def test_every_table_of_a_store_exists() -> None:
    named = {table for store in stores().values() for table in store.tables}

    assert named <= tables()


def test_every_store_with_a_period_names_a_class_that_exists() -> None:
    assert {store.retention_class for store in stores().values() if store.retention_class} <= set(retention_classes())


def test_every_kind_of_subject_has_a_store() -> None:
    assert all(stores_of(kind) for kind in subject_kinds())


def test_what_can_expire_can_be_counted_before() -> None:
    assert [store.name for store in stores().values() if store.expire and not store.due] == []
