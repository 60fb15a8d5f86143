"use strict";

const place = document.getElementById("documentation");
SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  /* A link inside a button would be two controls in one. */
  deepLinking: false,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
