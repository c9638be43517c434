"""Words by which a text with changed letters is known: those of instructions, and common ones.

Its one rule: they call a decoder, and decide nothing.
"""

from __future__ import annotations

from typing import Final

INSTRUCTING: Final = (
    "instructions instruction previous ignore disregard forget password passwords system prompt assistant forward "
    "secret reveal confidential execute transfer download upload delete everything following below above rules"
).split()
COMMON: Final = (
    "the and you for are any all not now say put use was has his her our out how who new with that this from have "
    "your will what when they which their there would about other then them these some into more only also after "
    "before over must please send tell write give show make take user users message messages mail email file "
    "files data answer text page name list link code account until been were does print output repeat begin start "
    "stop open read call copy move change add best next first last just like than very should could never always "
    "get can without under between customer customers document documents invoice payment order reader address "
    "private public every each such same here where note model agent developer chat export conversation contact "
    "contacts calendar team bank money para todas todos esta las los una instrucciones der die das und den nicht "
    "alle anweisungen les des vous tous pour instructions che per tutti regole istruzioni het een van regras "
    "que questo senza zonder ohne "
    "diese diesen systeem sistem sistema documento asistente assistente utente gebruiker utilisateur "
    "mensaje adesso mensagem fichiers todo alleen"
).split()
WORDS: Final = tuple(dict.fromkeys((*INSTRUCTING, *COMMON)))
# What changed words are by chance: words, names and abbreviations of ordinary texts and programs.
REAL: Final = (
    "abo alex alivi als aol api are bagd bcm bee bei bgt bin brx bsk byn cam cap cdn chg combod cre ctl dan dana "
    "ddm dem dial dif div dmp dna dragersid elif elt era esp eta evil exp fds fim for fur ger ghp gli gnv gte had "
    "han has her hfs hide his how huf ifs ill ink ion ivl jan job jon khz ler let live lodgoox lzw mac max mjw "
    "mro mus nav net not nso nts nut old otp pda per pets pots qnan rap rat rden red remotsuc rep repoleved reven "
    "rfc ria rob rod rpc rsa sad sag sah saw sdk sed sel sio sol statit std stir stun svg tbz tee teg tel ten tip "
    "tmz ton tre tue tuo tup uff urg vax voc was wen who won xaa xae xda xdc xfd zen zoo"
).split()
