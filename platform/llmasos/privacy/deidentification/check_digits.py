"""Check digits of identifiers. Each function takes the identifier with or without separators and is total.

The weights are those that the issuing authorities publish; ISO 7064 and ISO/IEC 7812 give the general ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

Check = Callable[[str], bool]

_VERHOEFF_PRODUCT = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_PERMUTATION = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def digits(text: str) -> list[int]:
    return [int(character) for character in text if character.isascii() and character.isdigit()]


def letters_and_digits(text: str) -> str:
    return "".join(character for character in text.upper() if character.isascii() and character.isalnum())


def luhn(text: str) -> bool:
    """ISO/IEC 7812: cards, IMEI and several national numbers."""
    total = 0
    for place, digit in enumerate(reversed(digits(text))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0 and total > 0


def verhoeff(text: str) -> bool:
    """India's Aadhaar."""
    check = 0
    for place, digit in enumerate(reversed(digits(text))):
        check = int(_VERHOEFF_PRODUCT[check][int(_VERHOEFF_PERMUTATION[place % 8][digit])])
    return check == 0


def mod97(text: str) -> bool:
    """ISO 7064 mod 97-10 after moving the first four characters to the end: IBAN."""
    plain = letters_and_digits(text)
    moved = plain[4:] + plain[:4]
    return len(plain) > 5 and int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def weighted(weights: Sequence[int], modulus: int, *, remainders: Sequence[int] = (0,)) -> Check:
    """A sum of all digits by these weights leaves one of the remainders. The check digit has a weight as well."""

    def check(text: str) -> bool:
        found = digits(text)
        return (
            len(found) == len(weights)
            and sum(digit * weight for digit, weight in zip(found, weights, strict=True)) % modulus in remainders
            and len(set(found)) > 1
        )

    return check


def cpf(text: str) -> bool:
    """Brazil: two check digits modulo 11."""
    found = digits(text)
    if len(found) != 11 or len(set(found)) == 1:
        return False
    return all(
        sum(digit * (size + 1 - place) for place, digit in enumerate(found[:size])) * 10 % 11 % 10 == found[size]
        for size in (9, 10)
    )


def cnpj(text: str) -> bool:
    """Brazil, companies."""
    found = digits(text)
    if len(found) != 14 or len(set(found)) == 1:
        return False
    for size in (12, 13):
        weights = [(size - 8 - place if place < size - 8 else size - place) + 1 for place in range(size)]
        if sum(a * b for a, b in zip(found, weights, strict=False)) * 10 % 11 % 10 != found[size]:
            return False
    return True


def resident_id(text: str) -> bool:
    """China: a date of birth and ISO 7064 mod 11-2."""
    plain = letters_and_digits(text)
    if len(plain) != 18 or not plain[:17].isdigit() or not _is_date(plain[6:14]):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(plain[:17], weights, strict=True))
    return "10X98765432"[total % 11] == plain[17]


def dni(text: str) -> bool:
    """Spain: the letter is the number modulo 23; X, Y and Z stand for 0, 1 and 2."""
    plain = letters_and_digits(text)
    number = plain[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return len(plain) == 9 and number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == plain[-1]


def codice_fiscale(text: str) -> bool:
    """Italy."""
    plain = letters_and_digits(text)
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
    if len(plain) != 16:
        return False
    total = 0
    for place, character in enumerate(plain[:15]):
        value = int(character) if character.isdigit() else ord(character) - 65
        total += value if place % 2 else odd[value]
    return chr(65 + total % 26) == plain[15]


def nir(text: str) -> bool:
    """France: the last two digits are 97 less the rest modulo 97; Corsica's departments count as 19 and 18."""
    plain = letters_and_digits(text).replace("2A", "19").replace("2B", "18")
    return len(plain) == 15 and plain.isdigit() and 97 - int(plain[:13]) % 97 == int(plain[13:])


def belgian_number(text: str) -> bool:
    plain = "".join(map(str, digits(text)))
    return len(plain) == 11 and int(plain[9:]) in (97 - int(plain[:9]) % 97, 97 - int("2" + plain[:9]) % 97)


def mod11_10(text: str) -> bool:
    """ISO 7064 mod 11,10: Germany's tax number, Croatia's OIB."""
    found = digits(text)
    product = 10
    for digit in found[:-1]:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return len(found) == 11 and len(set(found)) > 2 and (11 - product) % 10 == found[-1]


def hetu(text: str) -> bool:
    """Finland: date of birth, sign of the century, and a character modulo 31."""
    plain = letters_and_digits(text.replace("+", "").replace("-", ""))
    number = plain[:6] + plain[-4:-1]
    return number.isdigit() and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == plain[-1]


def norwegian_number(text: str) -> bool:
    return weighted((3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0), 11)(text) and weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11)(
        text
    )


def turkish_number(text: str) -> bool:
    found = digits(text)
    return (
        len(found) == 11
        and found[0] != 0
        and (sum(found[0:9:2]) * 7 - sum(found[1:8:2])) % 10 == found[9]
        and sum(found[:10]) % 10 == found[10]
    )


def curp(text: str) -> bool:
    """Mexico."""
    plain = text.upper()
    alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    if len(plain) != 18 or any(character not in alphabet for character in plain):
        return False
    total = sum(alphabet.index(character) * (18 - place) for place, character in enumerate(plain[:17]))
    return plain[17] == str(-total % 10)


def rut(text: str) -> bool:
    """Chile: modulo 11 with K for ten."""
    plain = letters_and_digits(text)
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(plain[:-1])) if digit.isdigit())
    return len(plain) in (8, 9) and "0123456789K"[-total % 11] == plain[-1]


def hong_kong_card(text: str) -> bool:
    plain = letters_and_digits(text)
    if len(plain) not in (8, 9):
        return False
    values = [36] * (9 - len(plain)) + [int(character, 36) for character in plain]
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0


def taiwan_card(text: str) -> bool:
    plain = letters_and_digits(text)
    if len(plain) != 10 or not plain[1:].isdigit():
        return False
    first = "ABCDEFGHJKLMNPQRSTUVXYWZIO".find(plain[0]) + 10
    found = [first // 10, first % 10, *map(int, plain[1:])]
    return sum(a * b for a, b in zip(found, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0


def singapore_card(text: str) -> bool:
    plain = letters_and_digits(text)
    if len(plain) != 9 or not plain[1:8].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(plain[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    table = {"S": "JZIHGFEDCBA", "T": "GFEDCBAJZIH", "F": "XWUTRQPNMLK", "G": "RQPNMLKXWUT", "M": "XWUTRQPNJLK"}
    offset = {"M": 3}.get(plain[0], 0)
    if plain[0] == "M":
        return "KLJNPQRTUWX"[10 - (total + offset) % 11] == plain[8]
    return plain[0] in table and table[plain[0]][total % 11] == plain[8]


def irish_number(text: str) -> bool:
    plain = letters_and_digits(text)
    if len(plain) not in (8, 9) or not plain[:7].isdigit():
        return False
    total = sum(int(digit) * (8 - place) for place, digit in enumerate(plain[:7]))
    total += 9 * (ord(plain[8]) - 64) if len(plain) == 9 and plain[8] != "W" else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == plain[7]


def social_security(text: str) -> bool:
    """United States: no check digit, but areas, groups and serials that were never given out."""
    plain = "".join(map(str, digits(text)))
    return (
        len(plain) == 9
        and plain[:3] not in {"000", "666"}
        and plain[0] != "9"
        and plain[3:5] != "00"
        and plain[5:] != "0000"
    )


def vehicle_number(text: str) -> bool:
    """ISO 3779: the ninth character checks the rest (binding in North America and China)."""
    plain = letters_and_digits(text)
    values = {**{str(digit): digit for digit in range(10)}, **dict(zip("ABCDEFGH", range(1, 9), strict=True))}
    values |= {"J": 1, "K": 2, "L": 3, "M": 4, "N": 5, "P": 7, "R": 9}
    values |= dict(zip("STUVWXYZ", range(2, 10), strict=True))
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    if len(plain) != 17 or any(character not in values for character in plain):
        return False
    total = sum(values[character] * weight for character, weight in zip(plain, weights, strict=True))
    return "0123456789X"[total % 11] == plain[8]


def prescriber_number(text: str) -> bool:
    """United States, DEA registration."""
    found = digits(text)
    return len(found) == 7 and (sum(found[0:6:2]) + 2 * sum(found[1:6:2])) % 10 == found[6]


def provider_number(text: str) -> bool:
    """United States, NPI: Luhn over the number behind 80840."""
    return luhn("80840" + "".join(map(str, digits(text))))


def luhn_with_birthday(text: str) -> bool:
    """Sweden, South Africa: a date, then Luhn over the last ten or all digits."""
    found = "".join(map(str, digits(text)))
    checked = found[-10:] if len(found) in (10, 12) else found
    return luhn(checked) and _is_month_and_day(checked[2:6])


def swiss_number(text: str) -> bool:
    return weighted((1, 3) * 6 + (1,), 10)(text)


def estonian_number(text: str) -> bool:
    """Estonia and Lithuania: modulo 11, with a second row of weights when the first gives ten."""
    found = digits(text)
    if len(found) != 11 or not _is_month_and_day("".join(map(str, found[3:7]))):
        return False
    for weights in ((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)):
        remainder = sum(a * b for a, b in zip(found, weights, strict=False)) % 11
        if remainder < 10:
            return remainder == found[10]
    return found[10] == 0


def bulgarian_number(text: str) -> bool:
    found = digits(text)
    total = sum(a * b for a, b in zip(found, (2, 4, 8, 5, 10, 9, 7, 3, 6), strict=False))
    return len(found) == 10 and total % 11 % 10 == found[9] and len(set(found)) > 2


def romanian_number(text: str) -> bool:
    found = digits(text)
    if len(found) != 13 or not _is_month_and_day("".join(map(str, found[3:7]))):
        return False
    remainder = sum(a * b for a, b in zip(found, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), strict=False)) % 11
    return (1 if remainder == 10 else remainder) == found[12]


def czech_number(text: str) -> bool:
    found = "".join(map(str, digits(text)))
    return len(found) == 10 and int(found) % 11 == 0 and int(found[2:4]) % 50 % 20 in range(1, 13)


def japanese_number(text: str) -> bool:
    found = digits(text)
    if len(found) != 12 or len(set(found)) < 3:
        return False
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    remainder = sum(digit * weight for digit, weight in zip(found[:11], weights, strict=True)) % 11
    return found[11] == (0 if remainder <= 1 else 11 - remainder)


def korean_number(text: str) -> bool:
    found = digits(text)
    total = sum(a * b for a, b in zip(found, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=False))
    return (
        len(found) == 13
        and _is_month_and_day("".join(map(str, found[2:6])))
        and found[6] < 9
        and (11 - total % 11) % 10 == found[12]
    )


def _is_date(text: str) -> bool:
    try:
        return 1850 <= date(int(text[:4]), int(text[4:6]), int(text[6:8])).year <= 2100
    except ValueError:
        return False


def _is_month_and_day(text: str) -> bool:
    return len(text) >= 4 and 1 <= int(text[:2]) <= 12 and 1 <= int(text[2:4]) <= 31
