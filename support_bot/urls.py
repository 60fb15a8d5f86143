from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from support_bot.demo import views as demo
from support_bot.widget import frame

app_name = "support_bot"
urlpatterns: list[URLPattern | URLResolver] = [
    path("widget/<str:site_key>/", frame.frame, name="frame"),
    path("demo/shop/", demo.shop, name="demo_shop"),
    path("demo/shop/help/", demo.help_index, name="demo_help"),
    path("demo/shop/help/<slug:name>/", demo.help_article, name="demo_article"),
]
