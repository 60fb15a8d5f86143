from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicalAssistConfig(AppConfig):
    name = "clinical_assist"
    verbose_name = _("Clinical assistant")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinical_assist import actions, personal_data
        from clinical_assist.demo.loading import load_demo
        from clinical_assist.evaluation.differential import DifferentialEvaluator
        from clinical_assist.evaluation.notes import NotesEvaluator
        from clinical_assist.evaluation.plans import PlansEvaluator
        from clinical_assist.fhir import personal_data as fhir_personal_data
        from clinical_assist.governance.versions.kinds import register_kind
        from clinical_assist.knowledge import versions as knowledge
        from clinical_assist.measuring.differential import bench_differential
        from clinical_assist.measuring.hooks import bench_hooks
        from clinical_assist.medicines.curating import versions as medicines
        from clinical_assist.ordersets import versions as order_sets
        from clinical_assist.permissions import ADMINISTRATORS, READERS
        from clinical_assist.plans import actions as plan_actions
        from clinical_assist.record import actions as record_actions
        from clinical_assist.record.access import CLINICIANS
        from llmasos.accounts.demo import register_demo
        from llmasos.inference.measuring import register_benchmark
        from llmasos.retrieval.evaluators import register_evaluator
        from llmasos.ui.navigation import register_door, register_section

        actions.register()
        plan_actions.register()
        record_actions.register()
        personal_data.register()
        fhir_personal_data.register()
        register_kind(knowledge.KIND)
        register_kind(medicines.KIND)
        register_kind(order_sets.KIND)
        register_evaluator("differential", DifferentialEvaluator())
        register_evaluator("plans", PlansEvaluator())
        register_evaluator("notes", NotesEvaluator())
        register_benchmark("hooks", bench_hooks)
        register_benchmark("differential", bench_differential)
        register_demo("clinic", load_demo)
        register_door(
            "clinical",
            _("Clinical"),
            "clinical_assist:start",
            READERS,
            accent="blue",
            icon="clinical",
            description=_(
                "Patients, a differential whose every term can be read, plans that are checked, notes that are signed."
            ),
            order=30,
        )
        register_section("clinical", "today", _("Today"), "clinical_assist:today", CLINICIANS, order=5)
        register_section("clinical", "imports", _("Import"), "clinical_assist:fhir_imports", CLINICIANS, order=80)
        register_section("clinical", "systems", _("Other systems"), "clinical_assist:systems", ADMINISTRATORS, order=95)
        register_section("clinical", "patients", _("Patients"), "clinical_assist:patients", CLINICIANS, order=6)
        register_section("clinical", "references", _("References"), "clinical_assist:search", READERS, order=10)
        register_section("clinical", "medicines", _("Medicines"), "clinical_assist:medicines", READERS, order=30)
        register_section("clinical", "calculators", _("Calculators"), "clinical_assist:calculators", READERS, order=40)
        register_section(
            "clinical", "differential", _("Try without a patient"), "clinical_assist:differential", READERS, order=20
        )
        register_section("clinical", "rules", _("Rules"), "clinical_assist:rule_overrides", READERS, order=85)
        register_section("clinical", "oversight", _("Oversight"), "clinical_assist:oversight", READERS, order=90)
