"""The unified social credit code (统一社会信用代码) by GB 32100-2015: 18 characters, the last one a check character."""

from operator import mul

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, Z, S and V, which are read as 1, 0, 2, 5 and U
LENGTH = 18

_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_CHARACTERS = frozenset(_VALUE)
_WEIGHTS = tuple(pow(3, place, len(ALPHABET)) for place in range(LENGTH - 1))

# One table for what a Chinese input method does to a code: small letters and full-width forms. str.upper() would also
# turn one foreign letter into two plain ones.
_PLAIN = {ord(small): small.upper() for small in "abcdefghijklmnopqrstuvwxyz"}
_PLAIN |= {wide: chr(wide - 0xFEE0).upper() for wide in range(0xFF01, 0xFF5F)}


def normalise(text: str) -> str:
    """The code as it is stored: no blanks around it, capital letters, half-width characters. Never raises."""
    if text.isascii() and text.isalnum() and text.upper() == text:
        return text  # nearly all of them in a register; a table costs as much as the check itself
    return text.strip().translate(_PLAIN)


def check_character(first17: str) -> str:
    """The check character of the first 17: 31 − Σ value × 3^(place−1) mod 31, where 31 stands for 0 (GB 32100-2015, 5).

    Raises ``ValueError`` for another length or a character outside the alphabet.
    """
    if len(first17) != LENGTH - 1 or not set(first17) <= _CHARACTERS:
        raise ValueError("17 characters of the alphabet of GB 32100-2015 are needed")
    total = sum(map(mul, map(_VALUE.__getitem__, first17), _WEIGHTS))
    return ALPHABET[-total % len(ALPHABET)]


def problem(code: str) -> str | None:
    """What is wrong with a code as it stands (see `normalise`): ``length``, ``character``, ``check``, or ``None``.

    Looks at form and check character only, not at whether the registration office or the region in it exist.
    """
    if len(code) != LENGTH:
        return "length"
    if not set(code) <= _CHARACTERS:
        return "character"
    return None if code[-1] == check_character(code[:-1]) else "check"
