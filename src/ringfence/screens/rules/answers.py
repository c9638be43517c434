"""Rules for what is wanted of the reader's answer: that it is disguised, carries something, or holds code.

Its one rule: "your answer" alone is everyday (letters ask for one, and so do exams); it is the model's answer that is
changed for somebody else's ends, and the pattern has to show the end.
"""

from __future__ import annotations

from typing import Final

from ringfence.screens.rules.rule import Rule, phrase

_ANSWER: Final = r"(?:response|reply|answer|output|message|text|summary|completion|generation)(?:s|es|ies)?"
_YOURS: Final = rf"(?:your |the |each |every |all |any |final |next |whole |entire |complete |generated |following |of |own |words |sentences |of )*\byour (?:final |next |whole |entire |complete |generated |own |following )*{_ANSWER}\b"
_CODES: Final = (
    r"(?:base ?-?(?:16|32|58|64|85)|hex(?:adecimal)?|binary|octal|morse(?: code)?|rot ?-?\d+|caesar|vigen[eè]re|atbash|ciphers?|cipher ?text|"
    r"anagrams?|anagrammed|emojis?|emoticons?|pig latin|leet(?:speak)?|1337|reversed?(?: order)?|backwards?|upside down|"
    r"(?:homophonic |alphanumeric |letter |character |number |symbol |simple |monoalphabetic |polyalphabetic )*substitutions?|shorthand|gibberish|"
    r"encrypted|encoded|ascii (?:codes?|numbers?)|unicode code ?points?|phonetic alphabet|braille|typos|misspellings?|palindromes?)"
)
_CHANGE: Final = (
    r"(?:replac(?:e|ing)|substitut(?:e|ing)|swap(?:ping)?|scrambl(?:e|ing)|jumbl(?:e|ing)|rearrang(?:e|ing)|revers(?:e|ing)|shuffl(?:e|ing)|misspell(?:ing)?|anagram|"
    r"encod(?:e|ing)|encrypt(?:ing)?|encipher|obfuscat(?:e|ing)|garbl(?:e|ing)|distort(?:ing)?|shift(?:ing)?|transpos(?:e|ing)|mirror|flip)"
)
_PUT: Final = (
    r"(?:add|includ(?:e|ing)|insert|append|prepend|integrat(?:e|ing)|incorporat(?:e|ing)|embed|weav(?:e|ing)|work|slip|sprinkle|plac(?:e|ing)|put|attach|inject|introduce|"
    r"interject|intersperse|tack|drop|sneak|plug|conclude with|end with|start with|finish with|blend|hide)"
)
_PUSHED: Final = (
    r"(?:sentences?|statements?|remarks?|claims?|headlines?|paragraphs?|links?|urls?|hyperlinks?|phrases?|slogans?|jokes?|riddles?|puns?|quotes?|"
    r"advert\w*|ads?|promotion\w*|plugs?|endorsements?|recommendations?|testimonials?|appeals?|invitations?|reminders?|encouragements?|tips?|trivia|fun facts?|"
    r"rumou?rs?|propaganda|misinformation|conspirac\w+|teasers?|call(?:s)? to action|warnings? that|messages? (?:that|about|from|promot\w+)|references? to|mentions? of|reasons?|suggestions?)"
)
_BLOCK: Final = (
    r"(?:the |this |that |these |our |a |an |full |entire |exact |important |necessary |crucial |essential |helpful )*(?:following|below|subsequent|next|given|provided|accompanying|above|attached) "
    r"(?:piece of |block of |snippet of |section of |segment of |lines? of |bit of |chunk of |python |shell |source |example |sample |additional |code )*"
    r"(?:code|snippet|script|function|lines|program)(?: (?:snippets?|blocks?|sections?|excerpts?|segments?|fragments?|pieces?|samples?|lines?|part|portion|listing|here))?"
)
_WORK: Final = r"(?:response|reply|answer|solution|implementation|algorithm|codebase|explanation|elucidation|output|generated code|final code|suggestion|fix|code)"
_ACTS: Final = (
    r"(?:requests?\.(?:get|post|put)|\.post\(|urllib|urlopen|urlretrieve|http\.client|httpx|aiohttp|sock(?:et)?\b|sendall|smtplib|sendmail|send_message|ftplib|paramiko|"
    r"subprocess|os\.(?:system|environ|popen|remove|rename|unlink)|shutil|\bexec\(|\beval\(|winreg|ctypes|keyboard|pynput|psutil|scapy|nmap|curl |wget|chmod|sudo |rm -|"
    r"pickle|cookies?|ImageGrab|pyautogui|cv2|sounddevice|pyperclip|clipboard|mqtt|boto3|telnetlib|getpass|crontab|schtasks)"
)
_WORDS: Final = "response|responses|reply|replies|answer|answers|output|message|text|summary|completion|generation"


def _answer(name: str, score: float, words: str, text: str) -> Rule:
    return Rule(name, "answer-control", score, words, phrase(text))


ANSWERS: Final = (
    _answer(
        "answer-in-code",
        0.75,
        f"{_WORDS}|respond|reply & base|hex|hexadecimal|binary|octal|morse|rot|rot13|caesar|vigenere|vigenère|atbash|cipher|ciphers|ciphertext|anagram|emoji|emojis|emoticon|pig|leet|leetspeak|1337|reverse|reversed|backward|backwards|upside|substitution|shorthand|gibberish|encrypted|encoded|ascii|unicode|phonetic|braille|typos|misspelling|palindrome",
        rf"\b(?:write|provide|give|render|encode|encrypt|convert|transform|transcribe|present|express|compose|produce|deliver|format|return|output|generate|craft|change|turn|translate|send|state|communicate|make|use|conceal|hide|disguise|mask|obscure) {_YOURS}"
        rf" (?s:.{{0,30}}?)\b(?:in|into|using|with|as|by|through|via|to|be) (?:a |an |the |only |simple |random |intentional |various |some |full |reverse )*{_CODES}\b"
        rf"|\b(?:use|apply|employ|utili[sz]e|introduce|insert|add|implement|include) (?:a |an |the |only |simple |random |intentional |various |some |subtle )*{_CODES} (?s:.{{0,40}}?)\b(?:in|to|for|throughout|on|within|when (?:writing|giving)|of) {_YOURS}"
        rf"|(?:^|[.!:;,\n>*\"'(]) ?(?:please |now |also |then |you must |always )*(?:respond|reply|answer)(?: to (?:the user|all questions|every question|everything|this))?(?: only| entirely| solely| exclusively)? (?:in|using|with) (?:a |an |the |only |simple )*{_CODES}\b",
    ),
    _answer(
        "answer-scrambled",
        0.75,
        f"{_WORDS} & replace|replacing|substitute|substituting|swap|swapping|scramble|jumble|rearrange|rearranging|reverse|reversing|shuffle|shuffling|misspell|anagram|encode|encoding|encrypt|encipher|obfuscate|garble|garbling|distort|shift|transpose|mirror|flip|remove|removing|omit|drop|group|combine|capitalize|capitalise|delete|use|skip|without|backwards|reverse & your",
        rf"\b(?:{_CHANGE}|remov(?:e|ing)|omit(?:ting)?|drop(?:ping)?|group|combin(?:e|ing)|capitali[sz]e|delet(?:e|ing)|skip|use (?:numbers|symbols|emojis?|digits|commonly associated symbols)(?: for| instead of| in place of)) (?s:.{{0,40}}?)(?:letters?|vowels?|consonants?|characters?|words?|spaces?|punctuation|syllables?|sentences?)(?s:.{{0,40}}?)\b(?:in|of|from|within|throughout|across|for) {_YOURS}"
        rf"|\b{_CHANGE} {_YOURS}|\b(?:{_CHANGE}|group|jumble) (?:up )?(?:the )?(?:letters|words|characters|vowels|spelling)(?: of)?(?: the)?(?: words)? (?:in|of) (?:the words (?:in|of) )?\byour {_ANSWER}(?:'s|’s)?"
        rf"|\byour {_ANSWER} (?:without (?:any )?(?:spaces|vowels|punctuation|spacing)|backwards|in reverse)",
    ),
    _answer(
        "answer-carries",
        0.72,
        f"{_WORDS} & add|include|including|insert|append|prepend|integrate|integrating|incorporate|incorporating|embed|weave|weaving|work|slip|sprinkle|place|placing|put|attach|inject|introduce|interject|intersperse|tack|drop|sneak|plug|conclude|end|start|finish|blend|hide & your",
        rf"\b{_PUT} (?:in )?(?:a |an |the |one |some |this |following |brief |short |friendly |subtle |compelling |sensational |persuasive |catchy |final |random |strong |positive |clear )*(?:[a-z'’-]{{2,20}} ){{0,2}}{_PUSHED}\b (?s:.{{0,160}}?)\b(?:in|into|to|at the (?:end|beginning|start|top|bottom) of|within|throughout|with|before|after) {_YOURS}"
        rf"|\b{_PUT} (?:a |an |the |one |some |this |following |brief |short |friendly |subtle |compelling |sensational |persuasive |catchy )*(?:[a-z'’-]{{2,20}} ){{0,2}}{_PUSHED} (?:in|into|to|at the end of|within) {_YOURS}"
        rf"|\b{_PUT} [\"“‘](?s:.{{8,200}}?)[\"”’] (?s:.{{0,50}}?)\b(?:in|into|to|at the (?:end|beginning|start) of|within) {_YOURS}"
        rf"|\b(?:in|within|at the end of|throughout|as part of|into|to|with) {_YOURS} (?:please |also |always |subtly |you must |you should )*{_PUT} (?:a |an |the |one |some )*(?:[a-z'’-]{{2,20}} ){{0,2}}{_PUSHED}\b",
    ),
    _answer(
        "answer-bent",
        0.72,
        f"{_WORDS} & modify|alter|adjust|enhance|augment|tweak|adapt|bend|steer|twist|slant|skew|bias|enrich|supplement|expand|extend|change|tailor|conclude|infuse|flavour|flavor|spice|end|close|finish & to|by|with|so|toward|towards|using & your",
        rf"\b(?:modify|alter|adjust|enhance|augment|tweak|adapt|bend|steer|twist|slant|skew|bias|enrich|supplement|tailor|infuse|spice up) \byour {_ANSWER} (?:by|to|with|so (?:that|as)|towards?) "
        r"(?:always |subtly |also )?(?:a |an |the )?(?:mention|highlight|promot|advertis|recommend|suggest|express|hint|includ|encourag|inviting|invit|persuad|convinc|offer|direct|link|point|emphasi|stress|claim|stat|say|tell|urg|prais|appeal|call to|add|insert|reference|advocat|prais|question|reminder|plug|slogan|favou?r|contain|incorporat|refer)\w*",
    ),
    _answer(
        "answer-promotes",
        0.7,
        f"{_WORDS} & promote|advertise|tease|hint|recommend|suggest|encourage|urge|persuade|convince|claim|endorse|praise|advocate|invite|direct|offer|link|spread|insinuate & http|https|www|com|net|org|io|xyz|ru|info|users|user|readers|reader|people|customers|visitors|audience|announcement|product|brand|company|isn|false|fake|untrue|not|scandal|secret",
        rf"\b(?:in|within|throughout|as part of|at the end of) \byour {_ANSWER} (?:please |also |always |subtly |you must |you should )*(?:promote|advertise|tease|hint|recommend|suggest|encourage|urge|persuade|convince|claim|endorse|praise|advocate|invite|direct|offer|link|spread|insinuate)\w* (?s:.{{0,80}}?)"
        r"(?:users?|readers?|audience|https?://|\bwww\.|[\w-]+\.(?:com|net|org|io|xyz|ru|info|site|online|top)\b|announcement|product|brand|company|isn|false|fake|untrue|scandal)",
    ),
    Rule(
        "code-into-answer",
        "answer-control",
        0.78,
        "code|snippet|script|function|lines|program & following|below|subsequent|next|given|provided|accompanying|above|attached & response|reply|answer|solution|implementation|algorithm|codebase|explanation|elucidation|output|generated|final|suggestion|fix|code & http|https|requests|request|post|urllib|urlopen|urlretrieve|httpx|aiohttp|sock|socket|sendall|smtplib|sendmail|send|ftplib|paramiko|subprocess|os|shutil|exec|eval|winreg|ctypes|keyboard|pynput|psutil|scapy|nmap|curl|wget|chmod|sudo|rm|pickle|cookie|cookies|imagegrab|pyautogui|cv2|sounddevice|pyperclip|clipboard|mqtt|boto3|telnetlib|getpass|crontab|schtasks",
        phrase(
            rf"\b{_BLOCK}(?: [a-z]+){{0,8}} \byour (?:own |final |generated |overall |coding |code )*{_WORK}\b(?s:.{{0,400}}?){_ACTS}"
            rf"|\byour (?:own |final |generated |overall |coding |code )*{_WORK}(?: [a-z]+){{0,10}} {_BLOCK}(?s:.{{0,400}}?){_ACTS}"
            rf"|\b(?:response|answer|reply)(?: [a-z]+){{0,6}} {_BLOCK}(?s:.{{0,400}}?){_ACTS}"
            rf"|(?:[.!:;,\n>*\"'(]|^|to) (?:please |always |also |remember to |don'?t forget to |be sure to |make sure (?:to|that you) |ensure (?:that )?(?:you )?)*(?:include|incorporate|integrate|embed|insert|merge|append|reproduce|output) {_BLOCK}(?: [a-z]+){{0,8}} ?[:\n](?s:.{{0,400}}?){_ACTS}"
        ),
        firm=True,
    ),
)
