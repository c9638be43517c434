"""Letters that look like letters of the Latin alphabet, beyond what NFKC unifies.

Its one rule: a letter is here if a reader takes it for the Latin one in running text. Made by hand from the shapes of
the common scripts; the compatibility forms (mathematical letters, full width, circled) are NFKC's and not repeated.
"""

from __future__ import annotations

from typing import Final

# Each entry: the Latin letter, and what looks like it.
_LIKE: Final = {
    "a": "аɑαᴀ",
    "b": "ЬƅʙᏏ",
    "c": "сϲᴄƈ",
    "d": "ԁɗᴅᏧ",
    "e": "еєҽёэᴇɘε",
    "f": "ƒғꜰք",
    "g": "ɡցɢԍᶃ",
    "h": "һհʜн",
    "i": "іıɩιɪᎥї",
    "j": "јϳʝᴊ",
    "k": "кκᴋƙқ",
    "l": "ӏʟɭⲓ",
    "m": "мᴍɱ",
    "n": "пոռɴηՈ",
    "o": "оοօᴏσө",
    "p": "рρᴘƿ",
    "q": "ԛգզ",
    "r": "гᴦʀɾᴙ",
    "s": "ѕꜱʂ",
    "t": "тτᴛƭ",
    "u": "υսᴜцʋ",
    "v": "νѵᴠ",
    "w": "ԝωᴡшѡ",
    "x": "хχ",
    "y": "уүʏγყ",
    "z": "ᴢʐʑ",
    "A": "АΑᎪ",
    "B": "ВΒᏴ",
    "C": "СϹᏟ",
    "D": "Ꭰ",
    "E": "ЕΕᎬЁ",
    "F": "Ϝ",
    "G": "ԌᏀ",
    "H": "НΗᎻ",
    "I": "ІΙӀЇ",
    "J": "ЈᎫ",
    "K": "КΚᏦ",
    "L": "Ꮮ",
    "M": "МΜᎷ",
    "N": "ΝИ",
    "O": "ОΟՕ",
    "P": "РΡᏢ",
    "Q": "Ԛ",
    "R": "ЯᎡᏒ",
    "S": "ЅՏᏚ",
    "T": "ТΤᎢ",
    "U": "Ս",
    "V": "ѴᏙ",
    "W": "ԜᎳ",
    "X": "ХΧ",
    "Y": "УΥҮ",
    "Z": "ΖᏃ",
}
# Letters in a box or a disc, which NFKC leaves alone. There are only capitals, which say nothing of the case.
_BOXED: Final = {
    chr(first + offset): chr(ord("a") + offset) for first in (0x1F150, 0x1F170, 0x1F130) for offset in range(26)
}
# Letters in parentheses, of which NFKC makes three characters.
PARENTHESISED: Final[dict[int, str]] = {
    first + offset: chr(ord("a") + offset) for first in (0x249C, 0x1F110) for offset in range(26)
}
LATIN_OF: Final[dict[str, str]] = {like: letter for letter, likes in _LIKE.items() for like in likes} | _BOXED
FOLD: Final[dict[int, str]] = {ord(like): letter for like, letter in LATIN_OF.items()}
# Those of other alphabets: a word that mixes them with Latin letters is no word of any language.
FOREIGN: Final = "".join(
    sorted(like for like in LATIN_OF if "\u0370" <= like <= "\u058f" or "\u13a0" <= like <= "\u13ff")
)
# Letters turned upside down, to be read from the end. Some are Latin letters themselves.
FLIPPED: Final = str.maketrans("ɐqɔpǝɟƃɥᴉıɾʞןɯuodbɹsʇnʌʍxʎz", "abcdefghiijklmnopqrstuvwxyz")
