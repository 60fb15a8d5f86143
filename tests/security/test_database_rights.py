"""What the role that serves requests may do in the database, table by table, and through which functions."""

from __future__ import annotations

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

READ = frozenset({"SELECT"})
ADD = READ | {"INSERT"}
ALL = ADD | {"UPDATE", "DELETE"}
# A table that is not named here may be read, added to, changed and deleted from, row security permitting.
DECLARED = {
    "audit_entry": ADD,
    "audit_position": ADD,
    "audit_node": ADD,
    "audit_payload": ADD,
    "audit_checkpoint": ADD,
    "audit_delivery": ADD,
    "audit_signingkey": ADD,
    "audit_pending": READ | {"DELETE"},
    "audit_forwarding_cursor": ADD | {"UPDATE"},
    "auth_group": READ,
    "auth_group_permissions": READ,
    "auth_permission": READ,
    "django_admin_log": ADD,
    "django_content_type": READ,
    "django_migrations": READ,
    # Grants, reviews and policies are never rewritten; they go with their organisation or on erasure.
    "privacy_breakglass_grant": ADD | {"DELETE"},
    "privacy_breakglass_review": ADD | {"DELETE"},
    "privacy_deidentification_policy": ADD | {"DELETE"},
    "privacy_deidentification_surrogatemap": ADD | {"DELETE"},
    # What was proposed, and what it was measured by; both go with their learner or course.
    "tutor_proposal": ADD | {"DELETE"},
    # Files stay as they were uploaded, or are taken away.
    "tutor_answerfile": ADD | {"DELETE"},
    "tutor_rubricversion": ADD | {"DELETE"},
    # What a clinician was shown, and what was added to a signed note; both go with their patient.
    "clinical_assist_showndifferential": ADD | {"DELETE"},
    "clinical_assist_noteaddendum": ADD | {"DELETE"},
}
# Tables without an organisation, and why row security does not separate their rows.
SHARED = {
    "accounts_person": "a person may belong to several organisations; pages reach people by memberships",
    "accounts_person_groups": "Django's own; unused",
    "accounts_person_user_permissions": "Django's own; unused",
    "accounts_mailserver": "the installation's",
    "accounts_setuplink": "the installation's, before there is an organisation",
    "account_emailaddress": "of a person",
    "account_emailconfirmation": "of a person",
    "mfa_authenticator": "of a person; secrets are sealed",
    "audit_signingkey": "public keys of the installation",
    "auth_group": "Django's own; unused",
    "auth_group_permissions": "Django's own; unused",
    "auth_permission": "Django's own",
    "django_admin_log": "Django's own",
    "django_content_type": "Django's own",
    "django_migrations": "Django's own",
    "django_session": "found by 128 random bits",
    "inference_catalogueentry": "the installation's models",
}
# Functions that run with the owner's rights: each reads or writes one narrow thing across organisations.
DEFINERS = {
    "audit_await_position", "audit_checkpoint_organisations", "audit_checkpoint_state", "audit_logged_organisations",
    "audit_pending_organisations", "audit_remove_payloads", "audit_waiting_deliveries", "console_knowledge_totals",
    "console_altered_logs", "console_live_runs", "console_log_states", "console_organisation_names",
    "console_organisations", "console_queues", "console_recent_runs", "console_runs", "console_unverified_logs",
    "console_usage", "inference_lapsed_runs",
    "inference_queue_depths", "inference_renew_leases", "inference_run_states", "llmasos_api_key",
    "llmasos_course_of_code", "llmasos_invitation", "llmasos_memberships_of", "llmasos_organisation_id",
    "llmasos_organisation_ids", "llmasos_search", "privacy_remove_person", "support_bot_site_by_key", "vault_key_use",
}  # fmt: skip

RIGHTS = """
SELECT c.relname, c.relrowsecurity, array_agg(p.name) FILTER (WHERE has_table_privilege(current_user, c.oid, p.name))
FROM pg_class c CROSS JOIN unnest(ARRAY[
    'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'
]) AS p (name)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') GROUP BY 1, 2 ORDER BY 1
"""
FUNCTIONS = """
SELECT p.proname, p.prosecdef, p.proconfig, pg_get_userbyid(p.proowner) = current_user,
    EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1
"""


def rows(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def test_the_role_has_the_declared_rights_and_no_others() -> None:
    granted = {str(name): frozenset(rights or []) for name, _, rights in rows(RIGHTS)}  # type: ignore[call-overload]
    wrong = {name: sorted(rights) for name, rights in granted.items() if rights != DECLARED.get(name, ALL)}
    assert wrong == {}
    assert set(DECLARED) <= set(granted)


def test_every_table_is_under_row_security_or_says_why_not() -> None:
    without = {str(name) for name, secured, _ in rows(RIGHTS) if not secured}
    assert without == set(SHARED)


def test_the_role_owns_nothing_and_steps_over_nothing() -> None:
    assert rows(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,"
        " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid), EXISTS (SELECT FROM pg_proc WHERE proowner = r.oid),"
        " EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)"
        " FROM pg_roles r WHERE rolname = current_user"
    ) == [(False,) * 8]
    assert rows(
        "SELECT has_schema_privilege('public', 'CREATE'), has_database_privilege(current_database(), 'CREATE'),"
        " has_function_privilege('pg_read_file(text)', 'EXECUTE'),"
        " has_function_privilege('lo_import(text)', 'EXECUTE')"
    ) == [(False,) * 4]


def test_functions_with_the_owners_rights_are_listed_and_look_names_up_in_one_place() -> None:
    definers = {str(name): config for name, definer, config, _, _ in rows(FUNCTIONS) if definer}
    assert set(definers) == DEFINERS
    loose = [name for name, config in definers.items() if "search_path=public, pg_temp" not in (config or [])]  # type: ignore[operator]
    assert loose == []


def test_no_function_is_open_to_everybody() -> None:
    assert [name for name, _, _, _, everybody in rows(FUNCTIONS) if everybody] == []
