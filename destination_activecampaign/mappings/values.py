"""A row's value → the text that a custom field of a type stores (API pages "create fieldValue", "custom fields").

Which column goes to which field is not decided here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

if TYPE_CHECKING:
    from destination_activecampaign.api.account import Field

Encoder: TypeAlias = Callable[[Any], str | None]
"""Takes a value that is not null; returns the text, None for an empty array. Raises InvalidValue, UnreadableValue."""

MULTIPLE = frozenset({"listbox", "checkbox"})
SINGLE = frozenset({"dropdown", "radio"})

TRUE_WORDS = ("true", "yes", "1", "on", "y", "t")
FALSE_WORDS = ("false", "no", "0", "off", "n", "f")

_PLAIN_DIGITS = 30
_EXACT_FLOAT = 1e15


class InvalidValue(ValueError):
    """The value does not fit. The text says what would, and never holds the value."""


class UnreadableValue(InvalidValue):
    """Text that begins like JSON and is not."""


def encoder_for(field: Field) -> Encoder:
    """Return what turns values into the text of *field*."""
    type_ = field.type.lower()
    if type_ == "date":
        return to_date
    if type_ == "datetime":
        return to_datetime
    if type_ == "number":
        return to_number
    if type_ in MULTIPLE:
        return _choices_encoder(field.options, _no_option(field))
    if type_ in SINGLE and field.options:
        return _choice_encoder(field.options, _no_option(field))
    return to_text  # text, textarea, hidden, NULL, and types that the API may grow


def to_text(value: Any) -> str | None:
    """Return *value* as plain text; an array of scalars joins with commas."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        texts = [text for text in map(scalar_text, value) if text]
        return ", ".join(texts) or None
    return scalar_text(value)


def clean(text: str) -> str:
    """Return *text* if it can be sent at all."""
    if "\0" in text or not (text.isascii() or _is_unicode(text)):
        raise InvalidValue("it holds a character that is not text")
    return text


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False  # half of a surrogate pair
    return True


def scalar_text(value: Any) -> str | None:
    """Return one text, number or boolean as text, None for null."""
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return _number_text(value)
    raise InvalidValue("it is an object, which a field cannot hold")


def to_number(value: Any) -> str:
    """Return a number, or text that is one, without an exponent."""
    if isinstance(value, str):
        text = value.strip()
        # Decimal reads digits of all scripts and underscores; ActiveCampaign is not known to.
        if text.isascii() and "_" not in text:
            try:
                return _number_text(Decimal(text))
            except InvalidOperation:
                pass
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _number_text(value)
    raise InvalidValue("it is not a number such as 12.5")


def _number_text(value: float | Decimal) -> str:
    if isinstance(value, int):
        try:
            return str(value)
        except ValueError:  # Python refuses to print thousands of digits
            raise InvalidValue("it is a number of too many digits") from None
    if not math.isfinite(value):
        raise InvalidValue("it is not a finite number")
    # Warehouses send whole numbers as 3.0 where a column is declared as a float.
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT:
        return str(int(value))
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if abs(number.adjusted()) > _PLAIN_DIGITS:
        if number:
            raise InvalidValue("it is a number of too many digits")
        return "0"
    return format(number, "f")


def to_date(value: Any) -> str:
    """Return `YYYY-MM-DD`. A datetime keeps its own date, whatever its offset."""
    return _moment(value).date().isoformat()


def to_datetime(value: Any) -> str:
    """Return ISO-8601 with an offset, to the second: ActiveCampaign shifts it into the account's time zone."""
    return _moment(value).isoformat(timespec="seconds")


def _moment(value: Any) -> datetime:
    """Read an ISO date or datetime; UTC where no offset is given. A bare number is none: its unit is a guess."""
    if isinstance(value, str):
        moment = read_iso(value)
        if moment is not None:
            return moment
    elif isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    elif isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise InvalidValue("it is not a date such as 2025-01-31, or 2025-01-31T10:00:00+01:00")


def read_iso(text: str) -> datetime | None:
    """Return the moment that an ISO-8601 text names, UTC where it has no offset; None where it is none."""
    text = text.strip()
    if text[4:5] != "-":  # compact forms are told from epoch numbers by luck only
        return None
    if text[-4:] == " UTC":  # as BigQuery and Postgres print it
        text = text[:-4] + "Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _choice_encoder(options: tuple[str, ...], no_option: str) -> Encoder:
    """Return what matches one of *options* without case, in the account's spelling."""
    match = _option_matcher(options, no_option)

    def encode(value: Any) -> str | None:
        if isinstance(value, list):  # a single choice may come as an array of one
            given = [one for one in value if one is not None]
            if not given:
                return None
            if len(given) > 1:
                raise InvalidValue("it holds several values, the field takes one")
            value = given[0]
        return match(value)

    return encode


def _choices_encoder(options: tuple[str, ...], no_option: str) -> Encoder:
    """Return what turns an array, JSON text, `||a||b||` or a comma list into `||A||B||`."""
    match = _option_matcher(options, no_option) if options else _unlisted
    whole = {option.strip().lower(): option for option in options}

    def encode(value: Any) -> str | None:
        if isinstance(value, str) and value.strip().lower() in whole:
            values: Iterable[Any] = [value]  # an option whose own text has a comma
        else:
            values = split_choices(value)
        chosen = dict.fromkeys(match(one) for one in values)
        return f"||{'||'.join(chosen)}||" if chosen else None

    return encode


def split_choices(value: Any) -> list[Any]:
    """Return the values of a multiple choice, however they are written."""
    if isinstance(value, str):
        text = value.strip()
        if text[:1] in ("[", "{"):
            value = read_json(text)
        elif "||" in text:
            return [part for part in text.split("||") if part.strip()]
        else:
            return [part for part in text.split(",") if part.strip()]
    if not isinstance(value, list):
        return [value]
    return [one for one in value if one is not None and not (isinstance(one, str) and not one.strip())]


def read_json(text: str) -> Any:
    """Parse JSON text. Raises UnreadableValue."""
    try:
        return orjson.loads(text)
    except ValueError:
        raise UnreadableValue("it begins like JSON and is not") from None


def _no_option(field: Field) -> str:
    """Return what messages say of a value that is no option. Options are not listed: other rows hold them."""
    return f"it is none of the options of the field {field.title}"


def _option_matcher(options: tuple[str, ...], no_option: str) -> Callable[[Any], str]:
    exact = {option: option for option in options}
    folded: dict[str, str] = {}
    for option in options:
        folded.setdefault(option.strip().lower(), option)
    booleans = {
        True: next((folded[word] for word in TRUE_WORDS if word in folded), None),
        False: next((folded[word] for word in FALSE_WORDS if word in folded), None),
    }

    def match(value: Any) -> str:
        if isinstance(value, bool):
            option = booleans[value]
        else:
            text = scalar_text(value) or ""
            option = exact.get(text) or folded.get(text.strip().lower())
        if option is None:
            raise InvalidValue(no_option)
        return option

    return match


def _unlisted(value: Any) -> str:
    """Return a choice of a field whose options are not known."""
    text = (scalar_text(value) or "").strip()
    if "||" in text:
        raise InvalidValue("it holds ||, which separates values")
    return text
