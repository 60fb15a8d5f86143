"""Search takes the synonyms of what was said: they rank passages, and a passage need not hold them to be a whole match."""

from __future__ import annotations

import importlib

from django.db import migrations

FUNCTION = """
DROP FUNCTION llmasos_search;
CREATE FUNCTION llmasos_search(
    wanted_organisation uuid, wanted_collections uuid[],
    query_vector vector, last_vector vector, conversation_vector vector,
    spaced_text text, unspaced_terms text[], unspaced_weights double precision[],
    expanded_terms text[], expanded_weights double precision[],
    wanted integer, given_weight double precision DEFAULT NULL, exact_limit integer DEFAULT 5000
)
RETURNS TABLE (
    chunk_id bigint, score double precision, dense double precision, dense_last double precision,
    dense_conversation double precision, lexical double precision, lexical_share double precision,
    lexical_weight double precision
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jit = off AS $$
DECLARE
    chunks bigint; mean_length double precision; weight double precision; stemmers regconfig[]; ideal double precision;
BEGIN
    SELECT coalesce(sum(c.chunk_count), 0), coalesce(sum(c.term_total) / nullif(sum(c.chunk_count), 0), 1),
           coalesce(sum(c.lexical_weight * greatest(c.chunk_count, 1)) / nullif(sum(greatest(c.chunk_count, 1)), 0), 0),
           array_agg(DISTINCT llmasos_stemmer(c.language))
    INTO chunks, mean_length, weight, stemmers
    FROM retrieval_collection c
    WHERE c.organisation_id = wanted_organisation AND c.id = ANY (wanted_collections);
    IF stemmers IS NULL THEN
        RETURN;
    END IF;
    weight := coalesce(given_weight, weight);
    PERFORM set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', '100', true);

    RETURN QUERY
    WITH query_terms AS MATERIALIZED (
        SELECT given.term, max(given.weight) AS weight, bool_or(given.said) AS said FROM (
            SELECT t.term, 1 + ln(t.frequency) AS weight, true AS said
            FROM unnest(stemmers) s, llmasos_terms(spaced_text, s) t
            UNION ALL
            SELECT u.term, u.weight, true FROM unnest(unspaced_terms, unspaced_weights) AS u (term, weight)
            UNION ALL
            SELECT e.term, e.weight, false FROM unnest(expanded_terms, expanded_weights) AS e (term, weight)
        ) given GROUP BY given.term
    ),
    found AS MATERIALIZED (
        SELECT p.term, p.chunk_id, p.frequency, p.length FROM query_terms q
        JOIN retrieval_posting p ON p.term = q.term AND p.collection_id = ANY (wanted_collections)
            AND p.organisation_id = wanted_organisation
    ),
    counted AS MATERIALIZED (
        SELECT f.term, count(*)::double precision AS n FROM found f GROUP BY f.term
    ),
    weighed AS MATERIALIZED (
        SELECT q.term, q.said, q.weight * 2.2 * ln(
            1 + (greatest(chunks, coalesce(d.n, 0)) - coalesce(d.n, 0) + 0.5) / (coalesce(d.n, 0) + 0.5)) AS weight
        FROM query_terms q LEFT JOIN counted d ON d.term = q.term
    ),
    lexical_leg AS MATERIALIZED (
        SELECT f.chunk_id,
               sum(w.weight * f.frequency / (f.frequency + 0.3 + 0.9 * f.length / mean_length)) AS value
        FROM found f JOIN weighed w ON w.term = f.term GROUP BY f.chunk_id
    ),
    candidates AS MATERIALIZED (
        SELECT c.id FROM retrieval_chunk c
        WHERE chunks <= exact_limit AND c.organisation_id = wanted_organisation
            AND c.collection_id = ANY (wanted_collections)
        UNION
        (SELECT c.id FROM retrieval_chunk c
        WHERE chunks > exact_limit AND c.organisation_id = wanted_organisation
            AND c.collection_id = ANY (wanted_collections)
        ORDER BY c.embedding <#> query_vector LIMIT greatest(4 * wanted, 100))
        UNION
        (SELECT l.chunk_id FROM lexical_leg l WHERE chunks > exact_limit
        ORDER BY l.value DESC LIMIT greatest(4 * wanted, 100))
    ),
    scored AS (
        SELECT c.id, -(c.embedding <#> query_vector) AS dense, coalesce(l.value, 0) AS lexical, c.embedding
        FROM candidates k JOIN retrieval_chunk c ON c.id = k.id
        JOIN retrieval_document d ON d.id = c.document_id AND d.deleted_at IS NULL
        LEFT JOIN lexical_leg l ON l.chunk_id = c.id
    ),
    best AS (SELECT nullif(max(l.value), 0) AS value FROM lexical_leg l),
    perfect AS (SELECT nullif(sum(w.weight), 0) AS value FROM weighed w WHERE w.said)
    SELECT s.id, (1 - weight) * s.dense + weight * coalesce(s.lexical / b.value, 0), s.dense,
           -(s.embedding <#> last_vector), -(s.embedding <#> conversation_vector),
           s.lexical, least(coalesce(s.lexical / p.value, 0), 1), weight
    FROM scored s CROSS JOIN best b CROSS JOIN perfect p
    ORDER BY 2 DESC, s.id LIMIT wanted;
END
$$;
"""

_before = importlib.import_module("llmasos.retrieval.migrations.0002_search").FUNCTIONS
FUNCTION_BEFORE = "DROP FUNCTION llmasos_search;\n" + _before[_before.index("CREATE FUNCTION llmasos_search") :]


class Migration(migrations.Migration):
    dependencies = [("retrieval", "0002_search")]

    operations = [migrations.RunSQL(FUNCTION, FUNCTION_BEFORE)]
