"""A page from its template: the reader's language, what every page knows, compressed on its way."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from reachback import __version__
from reachback.accounts.rights import Principal
from reachback.cases.states import OPEN
from reachback.web.case_words import CASE_WORDS
from reachback.web.languages import LANGUAGE_COOKIE, LANGUAGES, catalogue, choose_language
from reachback.web.moments import minutes_left, moment
from reachback.web.navigation import entries_for
from reachback.web.sentences import Sentences
from reachback.web.static_files import HTMX, UPLOT, has_static, static_url
from reachback.wording import PRESUMPTIVE, SHARE_NOTE

__all__ = ["environment", "html_response", "language_of", "render", "render_page"]

_WORTH_COMPRESSING = 1024  # [bytes]


@cache
def environment(language: str) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=PackageLoader("reachback.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters["moment"] = moment
    made.filters["said"] = Sentences(language).as_markup
    made.globals.update(
        static=static_url,
        has_htmx=has_static(HTMX),
        has_uplot=has_static(UPLOT),
        version=__version__,
        language=language,
        languages=LANGUAGES,
        minutes_left=minutes_left,
        case_words=CASE_WORDS,
        open_states=OPEN,
        presumptive=PRESUMPTIVE,
        share_note=SHARE_NOTE,
    )
    return made


def language_of(request: Request) -> str:
    """The language of this reader."""
    return choose_language(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))


def render(request: Request, template: str, principal: Principal | None = None, **context: Any) -> str:
    """A template as text; ``principal`` is None for those who are not signed in."""
    return (
        environment(language_of(request))
        .get_template(template)
        .render(
            path=request.url.path,
            principal=principal,
            navigation=[] if principal is None else entries_for(principal.role),
            now=request.app.state.services.clock.now(),
            has_provider=request.app.state.services.accounts.external.is_set,
            **context,
        )
    )


def render_page(
    request: Request,
    template: str,
    principal: Principal | None = None,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> Response:
    """A template as an answer."""
    return html_response(request, render(request, template, principal, **context), status=status, headers=headers)


def html_response(request: Request, text: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """HTML as an answer, compressed where the browser takes that; no page holds a secret that this could give away."""
    content, more = text.encode(), dict(headers or {})
    more.setdefault("Vary", "Accept-Encoding, Accept-Language, Cookie")
    if len(content) >= _WORTH_COMPRESSING and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 6, mtime=0)
        more["Content-Encoding"] = "gzip"
    return Response(content, status, headers=more, media_type="text/html; charset=utf-8")
