"""How every form looks: Django's widgets with Tabler's classes, errors at the field."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

_CLASSES = {
    "select.html": "form-select",
    "checkbox.html": "form-check-input",
    "checkbox_option.html": "form-check-input",
    "radio_option.html": "form-check-input",
    "file.html": "form-control",
    "hidden.html": "",
}


class TablerRenderer(TemplatesSetting):
    """Renders `{{ form }}` and `{{ form.field }}` in the product's look, wherever the form comes from."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """Give a widget its class before its template runs."""
        if "widget" in context:
            self._dress(template_name.rsplit("/", 1)[-1], context["widget"])
        return str(super().render(template_name, context, request))

    def _dress(self, template: str, widget: dict[str, Any]) -> None:
        attrs = widget["attrs"]
        given = attrs.get("class", "")
        look = _CLASSES.get(template, "form-control")
        wrong = "is-invalid" if attrs.get("aria-invalid") == "true" else ""
        classes = " ".join(filter(None, [look if look not in given else "", given, wrong]))
        if classes and template not in {"radio.html", "checkbox_select.html"}:
            attrs["class"] = classes
        # Options are rendered with their group, not through this method.
        for _, options, _ in widget.get("optgroups", []):
            for option in options:
                if option.get("type") in {"checkbox", "radio"}:
                    option["attrs"]["class"] = "form-check-input"
