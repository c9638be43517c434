"""Words by what they do in an attack: to drop, orders, earlier, a model, to send, a secret …

The classifier sees pairs of these classes beside the words, so that what it learns of one word holds for its like, in
English and some other languages. Its one rule: a class is only a hint; everyday texts are full of such words too.
"""

from __future__ import annotations

from typing import Final

_CLASSES: Final[dict[str, str]] = {
    "drop": (
        "ignore ignoring disregard disregarding forget forgetting override overriding overrule bypass discard "
        "neglect skip omit drop abandon abort scrap unlearn dismiss cancel void supersede replace erase ignoriere "
        "ignorieren vergiss missachte ignorez ignorer oublie oubliez ignora ignorar ignoren olvida olvide "
        "dimentica esqueça negeer vergeet zignoruj zapomnij игнорируй забудь проигнорируй"
    ),
    "orders": (
        "instruction instructions direction directions directive directives rule rules guideline guidelines "
        "command commands order orders prompt prompts policy policies constraint constraints restriction "
        "restrictions safeguards guardrails programming limits limitations guidance briefing anweisungen anweisung "
        "regeln befehle vorgaben consignes règles ordres instrucciones reglas órdenes istruzioni regole instruções "
        "regras instructies regels instrukcje zasady инструкции правила указания"
    ),
    "earlier": (
        "previous previously prior above earlier preceding former foregoing before past old original initial "
        "existing first bisherigen vorherigen vorigen obigen früheren précédentes précédente antérieures "
        "anteriores previas anterior precedenti precedente vorige eerdere poprzednie предыдущие прежние"
    ),
    "new": (
        "new real actual true updated following next instead now henceforth neue neuen nouvelle nouveau nueva "
        "nuevo nuova nuovo nova novo nieuwe новая новые"
    ),
    "everything": (
        "all any every everything anything whatever each entire whole alle alles alles tout toutes tous todas todo "
        "todos tutte tutto wszystkie все всё"
    ),
    "model": (
        "ai ais llm llms assistant assistants model models agent agents chatbot bot gpt chatgpt claude gemini "
        "copilot summarizer summariser ki sprachmodell assistent ia assistente asistente asistent ии ассистент "
        "нейросеть"
    ),
    "you": (
        "you your yours yourself du dein deine deiner ihr ihre tu ton ta tes vous votre vos te tus su tuo tua seu "
        "sua jij je jouw ty ты твой твои вы ваш"
    ),
    "me": (
        "i me my mine we us our ours myself ich mir mein meine wir uns unser mi mio nous notre moi yo nos nosotros "
        "io noi eu мне мой мы"
    ),
    "third": "he she his her they their them colleague colleagues team friend boss landlord teacher",
    "must": (
        "must shall should needs need required require requires ordered obliged have has ought musst muss doit "
        "dois devez debe debes deve devi moet musisz должен должна"
    ),
    "not": (
        "not never without don't dont no cannot can't nothing neither nicht nie niemals kein ne pas jamais sans "
        "nunca sin non mai senza não sem niet nooit zonder nie bez не никогда без"
    ),
    "send": (
        "send sends forward email mail post upload transmit submit leak exfiltrate share export deliver bcc relay "
        "publish paste append embed pass hand give sende schicke envoie envoyez transfère envía envíe manda invia "
        "inoltra envie encaminhe stuur verstuur wyślij отправь перешли"
    ),
    "secret": (
        "password passwords credential credentials secret secrets token tokens key keys cookie cookies "
        "confidential private passwort passwörter geheim secreto contraseñas contraseña segredo senhas senha "
        "secrets mots hasła wachtwoorden пароль пароли"
    ),
    "data": (
        "data file files document documents email emails e-mail message messages conversation history contacts "
        "inbox calendar invoice invoices record records notes database contents information"
    ),
    "tell": (
        "tell say mention inform reveal show display print output repeat recite disclose list write quote spell "
        "dump zeig zeige sag affiche montre dis muestra dime mostra mostre toon pokaż покажи скажи"
    ),
    "user": (
        "user users human humans reader readers customer customers client person people owner nutzer benutzer "
        "utilisateur usuario utente usuário gebruiker użytkownik пользователь пользователю"
    ),
    "become": "act pretend become roleplay simulate imagine behave play persona character role mode enter switch",
    "free": (
        "unrestricted unfiltered uncensored unlimited jailbreak jailbroken free freed dan evil developer amoral "
        "unlocked"
    ),
    "boss": (
        "system admin administrator developer developers operator root superuser owner openai anthropic security "
        "management provider engineer sysadmin"
    ),
    "urgent": (
        "important urgent immediately attention warning critical alert notice required emergency asap mandatory "
        "wichtig attention importante urgente"
    ),
    "run": (
        "run execute call invoke trigger use open click visit navigate fetch load install download launch perform "
        "decode follow obey comply"
    ),
    "harm": (
        "delete erase wipe destroy disable deactivate transfer pay grant buy cancel unlock wire purge remove "
        "lösche überweise supprime borra transfiere cancella apague verwijder usuń удали переведи"
    ),
    "answer": (
        "answer answers response responses reply replies output summary message completion antwort réponse "
        "respuesta risposta resposta antwoord odpowiedź ответ"
    ),
    "put": (
        "add include insert append integrate incorporate embed weave slip attach begin start end finish conclude "
        "modify augment enhance füge ajoute incluye aggiungi adicione voeg dodaj добавь"
    ),
    "code": (
        "base64 hex hexadecimal rot13 cipher morse encoded encrypted binary backwards reversed anagram anagrams "
        "emoji emojis substitution letters vowels spaces"
    ),
    "praise": (
        "recommend promote advertise praise rate rank score best highest perfect excellent approve hire buy "
        "positive advertisement slogan endorse"
    ),
    "hide": (
        "silently secretly quietly hidden background unnoticed covertly discreetly heimlich secrètement "
        "secretamente segretamente"
    ),
    "reading": (
        "reading reads read processing processes process summarizing summarising summarizes summarises evaluating "
        "evaluates parsing analyzing analysing reviewing handling"
    ),
    "ask": (
        "what why how when who which where can could would is are does do did should was were whose warum wie was "
        "wer pourquoi comment que qui cómo qué quién come perché como por hoe waarom jak dlaczego как почему что"
    ),
    "about": (
        "example attack attacks attacker attackers injection injections phishing malicious study paper researchers "
        "security training scanner filter detector explains describes describe explain definition means meaning "
        "says blocked reported"
    ),
    "please": "please kindly bitte please s'il por favor prego пожалуйста",
    "tale": (
        "story poem novel essay film song game character scene dialogue write describe imagine detective hero "
        "geschichte gedicht histoire conte cuento historia storia poesia história рассказ"
    ),
    "tool": "tool tools function functions api plugin webhook endpoint browser terminal shell",
}
CLASS_OF: Final[dict[str, str]] = {word: name for name, words in reversed(_CLASSES.items()) for word in words.split()}
