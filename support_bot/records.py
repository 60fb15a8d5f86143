"""What the support assistant records, door by door; see ``llmasos.audit.coverage``."""

from __future__ import annotations

from llmasos.audit.coverage import register_coverage

register_coverage(
    recorded={
        "url support_bot:api_ask": "retrieval.search inference.model_call answering.decision accounts.denied",
        "url support_bot:session": "support.visitor_started",
        "url support_bot:messages": "support.message_stored",
        "url support_bot:feedback": "support.answer_rated",
        "url support_bot:history": "support.conversation_read",
        "url support_bot:my_data": "privacy.exported privacy.request_made",
        "url support_bot:retry": "support.answer_retried",
        "url support_bot:cancel": "inference.cancel",
        "url support_bot:conversations": "support.conversation_listed support.conversations_searched",
        "url support_bot:conversation": "support.conversation_read",
        "url support_bot:unanswered": "support.conversation_listed",
        "url support_bot:add_site": "support.site_changed",
        "url support_bot:site": "support.site_changed",
        "service support_bot.services.store_message": "support.message_stored",
        "service support_bot.services.start_answer": "retrieval.search inference.model_call answering.decision",
        "service support_bot.services.prepare_retry": "support.answer_retried",
        "service support_bot.services.cancel_answer": "inference.cancel",
        "service support_bot.services.rate_answer": "support.answer_rated",
    },
    unrecorded={
        "url support_bot:frame": "The empty chat; what was said comes from the history, which is recorded.",
        "url support_bot:events": "Gives visitors the answer that they just asked for; the decision on it is recorded.",
        "url support_bot:sites": "Names the organisation's sites, and no people.",
        "url support_bot:demo_shop": "A made-up shop; the same for everybody.",
        "url support_bot:demo_help": "A made-up handbook; the same for everybody.",
        "url support_bot:demo_article": "A made-up handbook; the same for everybody.",
        "service support_bot.services.find_posted": "Gives visitors back the question that they just sent.",
        "service support_bot.services.settle_answers": "Closes answers whose runs ended; shows nothing.",
        "service support_bot.services.owns_run": "Says whether a run is the visitor's own.",
    },
)
