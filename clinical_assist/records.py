"""What this application records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url clinical_assist:calculator": "clinical.calculated",
        "url clinical_assist:differential": "clinical.differential_shown",
        "task clinical.fhir_import": "clinical.imported",
        "url clinical_assist:fhir_export": "clinical.record_exported",
        "url clinical_assist:fhir_import_act": "clinical.import_undone",
        "url clinical_assist:fhir_posted_search": "clinical.record_read",
        "url clinical_assist:fhir_read": "clinical.record_read",
        "url clinical_assist:fhir_search": "clinical.record_read",
        "url clinical_assist:fhir_token": "clinical.fhir_token_issued clinical.fhir_token_refused",
        "url clinical_assist:hook_feedback": "clinical.hook_feedback clinical.hook_refused",
        "url clinical_assist:hook_service": "clinical.hook_answered clinical.hook_refused",
        "url clinical_assist:lead_add": "clinical.lead_named",
        "url clinical_assist:lead_end": "clinical.lead_dismissed",
        "url clinical_assist:oversight": "clinical.function_stopped clinical.function_started",
        "url clinical_assist:system_remove": "clinical.fhir_client_removed clinical.hook_caller_removed",
        "url clinical_assist:systems": "clinical.fhir_client_added clinical.hook_caller_added",
        "url clinical_assist:today": "clinical.patients_listed",
        "url clinical_assist:patient": "clinical.record_read clinical.record_refused",
        "url clinical_assist:encounter_differential": (
            "clinical.record_read clinical.own_list_committed clinical.differential_revealed"
            " clinical.differential_shown clinical.reader_setting_saved"
        ),
        "url clinical_assist:feedback_answer": "clinical.feedback_answered",
        "url clinical_assist:feedback_give": "clinical.feedback_given",
        "url clinical_assist:intake": "clinical.record_read clinical.intake_saved",
        "url clinical_assist:passages": "retrieval.search",
        "url clinical_assist:references": "clinical.references_chosen",
        "url clinical_assist:what_if": "clinical.what_if_shown",
        "url clinical_assist:knowledge_condition": "clinical.version_proposed",
        "url clinical_assist:knowledge_curate": "clinical.version_proposed",
        "url clinical_assist:version_activate": "clinical.version_activated clinical.version_retired",
        "url clinical_assist:version_built_in": "clinical.version_retired",
        "url clinical_assist:version_measure": "clinical.version_measured",
        "url clinical_assist:version_review": "clinical.version_reviewed",
        "url clinical_assist:medicines": "clinical.medicines_checked",
        "url clinical_assist:note": "clinical.note_read clinical.note_saved clinical.note_reviewed",
        "url clinical_assist:note_act": (
            "clinical.note_drafted clinical.note_followed clinical.note_wording_asked clinical.note_withdrawn"
            " clinical.note_taken_back"
        ),
        "url clinical_assist:note_addendum": "clinical.note_amended",
        "url clinical_assist:note_pdf": "clinical.note_printed",
        "url clinical_assist:note_proof": "clinical.note_proved",
        "url clinical_assist:prescription": "clinical.note_printed",
        "url clinical_assist:handout": "clinical.note_printed",
        "url clinical_assist:note_sign": "clinical.note_read clinical.note_signed",
        "task clinical.word_note": "clinical.note_worded",
        "url clinical_assist:plan": "clinical.record_read clinical.record_refused",
        "url clinical_assist:plan_act": "clinical.plan_changed clinical.alert_overridden clinical.plan_discarded",
        "url clinical_assist:plan_sign": "clinical.record_read clinical.plan_signed",
        "url clinical_assist:ordersets_curate": "clinical.version_proposed",
        "url clinical_assist:rule_overrides": "clinical.rule_reviewed",
        "task clinical.word_plan": "clinical.plan_worded",
    },
    unrecorded={
        "url clinical_assist:version": "Tables of knowledge; nothing of a patient.",
        "url clinical_assist:versions": "Versions of knowledge; nothing of a patient.",
        "url clinical_assist:medicine_tables": "Tables of medicines; nothing of a patient.",
        "url clinical_assist:calculators": "Names of formulas; nothing of a patient.",
        "task clinical.take_up": "Queues again what its own task records; deletes files that nobody confirmed.",
        "url clinical_assist:fhir_import": "The reader's own file, before it is anybody's record, or counts.",
        "url clinical_assist:fhir_imports": "Times and states of the reader's own imports.",
        "url clinical_assist:fhir_metadata": "Says what the interface can do; reads nothing.",
        "url clinical_assist:fhir_smart": "Says where programs get tokens; reads nothing.",
        "url clinical_assist:hook_services": "Names the services; reads nothing.",
        "url clinical_assist:start": "Says what will be here; reads nothing.",
        "url clinical_assist:about": "Says what the suggestions come from; reads nothing.",
        "url clinical_assist:about_one": "Says what the suggestions come from; nothing of a patient.",
        "url clinical_assist:feedback": "What colleagues said of suggestions; names no patient.",
    },
)
