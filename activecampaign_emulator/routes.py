"""The table of routes: method and path to a function, with the evidence for how it behaves.

Resource modules add to it with `@emulates`. Nothing here knows what a route does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar, cast

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from activecampaign_emulator.replies import HTML_TYPE, NOT_FOUND_PAGE, Reply, json_reply, text_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from activecampaign_emulator.request import Request
    from activecampaign_emulator.store import Account

Evidence = Literal["recorded", "documented", "assumed"]
API_PREFIX: Final = "/api/3"

# First parts of the paths in the vendor's OpenAPI and in recorded traffic: what starts with one exists there.
KNOWN_HERE_NOT: Final = frozenset(
    {
        "accountContacts",
        "accountCustomFieldData",
        "accountCustomFieldMeta",
        "accounts",
        "activities",
        "addressGroups",
        "addressLists",
        "addresses",
        "automations",
        "brandings",
        "calendars",
        "campaigns",
        "configs",
        "connections",
        "contactAutomations",
        "contactData",
        "contactDeals",
        "contactGoals",
        "contactTags",
        "contacts",
        "customObjects",
        "dealActivities",
        "dealCustomFieldData",
        "dealCustomFieldMeta",
        "dealGroups",
        "dealRoles",
        "dealStages",
        "dealTasks",
        "dealTasktypes",
        "deals",
        "ecom",
        "ecomCustomers",
        "ecomData",
        "ecomOrderProducts",
        "ecomOrders",
        "emailActivities",
        "fieldOption",
        "fieldOptions",
        "fieldRels",
        "fieldValues",
        "fields",
        "forms",
        "geoIps",
        "groupLimits",
        "groupMembers",
        "groups",
        "import",
        "listGroups",
        "lists",
        "messages",
        "notes",
        "organizations",
        "personalizations",
        "savedResponses",
        "scores",
        "scoreValues",
        "segments",
        "settings",
        "siteMessages",
        "siteTracking",
        "smsBroadcasts",
        "tags",
        "taskOutcomes",
        "tasktypeOutcomes",
        "templates",
        "trackingLogs",
        "userGroups",
        "users",
        "variables",
        "webhook",
        "webhooks",
    }
)


class Action(Protocol):
    """What a route does: read or change the account, and answer."""

    def __call__(self, account: Account, request: Request, /) -> Reply:
        """Answer *request*."""
        ...


A = TypeVar("A", bound=Action)


@dataclass(frozen=True, slots=True)
class Route:
    """One operation; `template` is its path below `/api/3`, or below the root for trackcmp."""

    method: str
    template: str
    action: Action
    evidence: Evidence
    note: str
    tracking: bool

    @property
    def lane(self) -> str:
        """Name the kind of traffic, for the journal."""
        if self.tracking:
            return "tracking"
        if self.template.startswith("/import/"):
            return "import" if self.method == "POST" else "poll"
        return "read" if self.method == "GET" else "write"


ROUTES: Final[list[Route]] = []
_MAP: Final = Map(strict_slashes=False, merge_slashes=False)
_ADAPTER: Final = _MAP.bind("emulated")


def emulates(
    method: str, template: str, *, evidence: Evidence, note: str = "", tracking: bool = False
) -> Callable[[A], A]:
    """Add the decorated function to the table; *template* marks parameters as werkzeug does, `<number>`."""

    def register(action: A) -> A:
        route = Route(method, template, action, evidence, note, tracking)
        ROUTES.append(route)
        path = template if tracking else API_PREFIX + template
        _MAP.add(Rule(path, methods=[method], endpoint=route))
        return action

    return register


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]] | Reply:
    """Give the route of a (decoded) path and its parameters, or the answer where there is none."""
    try:
        route, parameters = _ADAPTER.match(path, method)
    except MethodNotAllowed:
        return json_reply(405, {"message": f"The method {method} is not allowed here."})
    except NotFound:
        part = path.removeprefix(API_PREFIX).strip("/").split("/")[0]
        if path.startswith(API_PREFIX + "/") and part in KNOWN_HERE_NOT:
            return json_reply(501, {"message": f"ActiveCampaign has {path}; the emulator does not."})
        return text_reply(404, NOT_FOUND_PAGE, HTML_TYPE)
    return cast("Route", route), parameters
