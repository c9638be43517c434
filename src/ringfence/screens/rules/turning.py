"""Rules for texts that turn to the model that reads them, give it another task, or ask for what stands before them.

Its one rule: naming a model is everyday; a rule needs the turn to it and what it is to do.
"""

from __future__ import annotations

from typing import Final

from ringfence.screens.rules.rule import Rule, exact, phrase

_NAMED: Final = r"(?:(?:ai|artificial intelligence|llm|gpt|large language|language|automated|virtual|autonomous) (?:ai |language )*(?:models?|assistants?|agents?|chat ?bots?|bots?|readers?|reviewers?|systems?|crawlers?|summari[sz]ers?)|ais?|llms?|chat ?bots?|bots?|gpt(?:-?\d)?|chatgpt|claude|gemini|copilot|summari[sz]ers?)"
_DO: Final = r"(?:write|say|state|add|include|insert|send|forward|give|award|rate|rank|recommend|approve|tell|reply|respond|answer|output|print|reveal|ignore|disregard|do|do not|don'?t|never|always|stop|follow|call|use|open|visit|click|delete|transfer|put|buy|mark|describe|mention|conclude|report|praise|list|show|execute|run|share|set|treat|return|append|repeat|only|you must)"
# What a writer wants of a model that reads by chance, and what those write as well who set one up.
_WANTED: Final = r"(?:write|say|state|add|include|insert|send|forward|give|award|rate|rank|recommend|approve|tell|reply|respond|print|reveal|ignore|disregard|forget|visit|click|delete|transfer|put|buy|order|mark|describe|mention|conclude|report|praise|share|append|accept|grant|pay|you must)"
_READS: Final = r"(?:pars|read|process|summari[sz]|evaluat|review|scann?|handl|se|open|analy[sz]|index|access|visit|translat)(?:es|s|e|ing)?"
_AI_WORDS: Final = "ai|ais|llm|llms|language|large|automated|virtual|autonomous|artificial|chatbot|chatbots|chat|bot|bots|gpt|chatgpt|claude|gemini|copilot|summarizer|summariser|assistant|assistants|agent|agents|model|models|crawler|reviewer|reviewers|reader|readers|system|parser|intelligent|helpful|browsing|coding"


def _turn(name: str, technique: str, score: float, words: str, text: str) -> Rule:
    return Rule(name, technique, score, words, phrase(text))


TURNING: Final = (
    _turn(
        "if-you-are-a-model",
        "ai-addressed",
        0.8,
        f"you & if|since|because|as|when|case|assuming|provided & {_AI_WORDS}",
        rf"\b(?:if|since|because|as|when|in case|assuming|provided) you(?: are|['’]re) (?:an? |the |any |some )?{_NAMED}(?: (?:with|that|who|reading|processing|and|of|in|for)\b[^.!?\n]{{0,60}})?[,:;—–-]+[\W_]{{0,4}}(?:please |then |also |kindly |immediately |now )*{_WANTED}\b",
    ),
    _turn(
        "if-you-are-a-model-weakly",
        "ai-addressed",
        0.55,
        f"you & if|since|because|as|when|case|assuming|provided & {_AI_WORDS}",
        rf"\b(?:if|since|because|as|when|in case|assuming|provided) you(?: are|['’]re) (?:an? |the |any |some )?{_NAMED}(?: (?:with|that|who|reading|processing|and|of|in|for)\b[^.!?\n]{{0,60}})?[,:;—–-]+[\W_]{{0,4}}(?:please |then |also |kindly |immediately |now )*{_DO}\b",
    ),
    _turn(
        "whichever-model-reads",
        "ai-addressed",
        0.78,
        f"whichever|whatever|any|every|each|all|the & {_AI_WORDS} & must|should|has|have|needs|need|shall|is|will|are",
        rf"\b(?:whichever|whatever|any|every|each|all|to the|the) {_NAMED} (?:that |which |who )?{_READS} (?:this|these|it|the (?:page|text|document|file|e-?mail|message|following))[^.!?\n]{{0,40}}? (?:must|should|has to|have to|needs? to|shall|is to|are to|will) (?:now |also |first |always |only |immediately )*{_WANTED}\b",
    ),
    _turn(
        "whichever-model-reads-weakly",
        "ai-addressed",
        0.55,
        f"whichever|whatever|any|every|each|all|the & {_AI_WORDS} & must|should|has|have|needs|need|shall|is|will|are",
        rf"\b(?:whichever|whatever|any|every|each|all|to the|the) {_NAMED} (?:that |which |who )?{_READS} (?:this|these|it|the (?:page|text|document|file|e-?mail|message|following))[^.!?\n]{{0,40}}? (?:must|should|has to|have to|needs? to|shall|is to|are to|will) (?:now |also |first |always |only |immediately )*{_DO}\b",
    ),
    _turn(
        "for-models-only",
        "ai-addressed",
        0.75,
        f"attention|attn|note|message|memo|notice|for|dear|instructions & {_AI_WORDS}",
        rf"(?:^|[.!?\n>*#\"'(\[]) ?(?:attention|attn|dear|(?:important |hidden |special )?(?:note|message|memo|notice|instructions?) (?:to|for)|for)[,:]? (?:all |any |every |the |your |our )*{_NAMED}(?: only| reading this| that reads? this| who reads? this)?[:,;!—–-]+[\W_]{{0,4}}(?:please |kindly |now |also |you must |you should |you have to )*{_WANTED}\b",
    ),
    _turn(
        "for-models-only-weakly",
        "ai-addressed",
        0.55,
        f"attention|attn|note|message|memo|notice|for|dear|instructions & {_AI_WORDS}",
        rf"(?:^|[.!?\n>*#\"'(\[]) ?(?:attention|attn|dear|(?:important |hidden |special )?(?:note|message|memo|notice|instructions?) (?:to|for)|for)[,:]? (?:all |any |every |the |your |our )*{_NAMED}(?: only| reading this| that reads? this| who reads? this)?[:,;!—–-]+[\W_]{{0,4}}(?:please |kindly |now |also |you must |you should |you have to )*{_DO}\b",
    ),
    _turn(
        "model-shall-act",
        "ai-addressed",
        0.75,
        "ai|llm|assistant|agent|model|bot|chatbot & must|shall|has|is|should|needs & @|http|https|www",
        r"\bthe (?:ai |ai-|llm |language |automated )*(?:assistant|agent|model|ai|llm|bot|chatbot) (?:must|shall|has to|is (?:required|ordered|to)|should|needs to)(?: to)? (?:now |immediately |first |also |therefore )*(?:send|forward|export|e-?mail|post|upload|transfer|share|submit|copy|deliver|open|visit|grant|add|invite|include|append|disclose|pay|wire)\b[^.!?\n]{0,90}?(?:[\w.+-]{1,64}@[\w-]{1,63}\.|https?://|\bwww\.)",
    ),
    _turn(
        "to-models-in-other-languages",
        "ai-addressed",
        0.75,
        "sprachmodelle|sprachmodell|ki|kis|assistenten|assistent|ia|assistant|assistants|asistente|assistente|modelo|modelos|modèle|modèles|modello|modelli|model|modellen",
        r"(?:\ban (?:alle|den|die|das|jeden|jedes)|\bhinweis (?:an|für)|\bnachricht (?:an|für)|\banweisung(?:en)? (?:an|für)) (?:den |die |das |alle |jede[ns]? )*(?:ki(?:-\w+)?|sprachmodelle?)\b[^.!?\n]{0,50}[:,]"
        r"|\b(?:wenn|falls) du (?:eine? )?(?:ki|sprachmodell|assistent)\b[^.!?\n]{0,40},"
        r"|(?:à l['’]attention (?:de l['’]|des |du )|(?:message|note|consigne|instruction)s? (?:destinée?s? )?(?:à l['’]|pour l['’]|aux |pour les |à destination de l['’]))(?:ia|assistants?|modèles? de langage|intelligences? artificielles?)\b[^.!?\n]{0,50}:"
        r"|\bsi (?:tu es|vous êtes) (?:une? )?(?:ia|assistante?|modèle de langage|intelligence artificielle)\b[^.!?\n]{0,40},"
        r"|\bsi eres (?:una? )?(?:ia|asistente|modelo de lenguaje|inteligencia artificial)\b[^.!?\n]{0,40},"
        r"|\b(?:nota|mensaje|instrucci[oó]n(?:es)?|aviso) (?:para|a|al) (?:el |la |los |las )*(?:ia|asistentes?|modelos? de lenguaje)\b[^.!?\n]{0,50}:"
        r"|\basistente, (?:cuando|al|si) le\w+"
        r"|\bse (?:sei|você (?:é|for)|fores) (?:un['’]?a? |uma? )?(?:ia|assistente|modello linguistico|modelo de linguagem)\b[^.!?\n]{0,40},"
        r"|\b(?:nota|messaggio|mensagem|istruzioni|instruções) (?:per|para) (?:l['’]|o |a |os |as |gli |il )?(?:ia|assistente|assistenti|modelli linguistici|modelos de linguagem)\b[^.!?\n]{0,50}:",
    ),
    _turn(
        "another-task",
        "instruction-override",
        0.78,
        "assignment|task|job|objective|mission|goal|instruction|instructions|purpose|order|orders & real|genuine|actual|true & your",
        r"\byour (?:real|genuine|actual|true) (?:assignment|task|job|objective|mission|goal|instructions?|purpose|orders?)(?: (?:is|are) (?:to|as follows|the following|now)\b|[:=]| [:=])",
    ),
    _turn(
        "nothing-above-counts",
        "instruction-override",
        0.8,
        "nothing|none|what|whatever|everything & above|before|earlier|previously|asked|told|instructed & matters|matter|counts|count|applies|apply|obsolete|void|cancelled|canceled|invalid|irrelevant|joke|decoy|distraction|placeholder|relevant|valid",
        r"\b(?:nothing|none of what|none of the text|everything|whatever|what) (?:is |was |that |you )*(?:written |said |stated |read |were |have been |asked |told |instructed |given |to do |comes |came |stands |before )*(?:above|before this(?: line| point)?|earlier|previously|to do|asked|told)(?: to do)? (?:is |was |are |were |now |no longer |only |just |merely |a )*(?:matters?|counts?|appl(?:y|ies)|obsolete|void|cancell?ed|invalid|irrelevant|joke|decoy|distraction|placeholder|relevant|valid)\b",
    ),
    _turn(
        "drop-in-short",
        "instruction-override",
        0.9,
        "ignore|disregard|forget|ign & prev|prior|previous|above|all|ur|your & instr|instrs|inst|insts|msgs|msg|cmds|instrux|prompts",
        r"\b(?:ignore|disregard|forget|ign) (?:all |ur |your |the |any )*(?:prev|prior|previous|above|sys)(?: |\. ?)(?:instrs?|insts?|instrux|msgs?|cmds?|sys ?prompts?)\b",
    ),
    Rule(
        "system-tag",
        "fake-message",
        0.75,
        "[system|[admin|[developer|[root|[security",
        exact(
            r"\[(?:system|admin|administrator|developer|root|security)[ _-](?:override|prompt|command|instructions?|directive|order|update)\b[^\]\n]{0,40}\][^\n]{0,120}\b(?:you|must|shall|ignore|assistant|agent|ai|model|user)\b"
        ),
    ),
    _turn(
        "write-own-prompt",
        "prompt-leak",
        0.8,
        "your & hidden|secret|confidential|initial|original|system|internal|underlying & write|echo|quote|say|spell|type|encode|translate|send|put|rephrase|paraphrase|name|read|recite|hand",
        r"\b(?:write|echo|quote|say|spell|type|encode|translate|send|put|rephrase|paraphrase|read|recite|hand over) (?:(?:me|us|out|back|down|all|of|the|a|copy|first|confidential|secret|part|parts|word|words|sentence|lines?|content|contents|in|full) )*your (?:own |full |whole |entire )*(?:hidden|secret|confidential|initial|original|system|internal|underlying|setup)(?: (?:hidden|secret|confidential|initial|original|system|internal))* ?(?:prompt|instructions?|setup|message|rules|configuration|guidelines|briefing)?\b"
        r"|\bthe (?:confidential|hidden|secret) (?:part|section|half) of your (?:setup|prompt|instructions|configuration|briefing)",
    ),
    _turn(
        "what-stands-before",
        "prompt-leak",
        0.8,
        "you & are & words|text|sentence|paragraph|line|lines|phrase|prompt|message & starting|starts|beginning|begins|begin|start",
        r"\b(?:words|text|sentences?|paragraph|lines?|message|prompt)(?: above| before this| that)? (?:starting|starts|beginning|begins) (?:with|at|from) (?:the )?(?:phrase |words? |sentence )?[\"'“‘`]you are\b",
    ),
    _turn(
        "before-our-conversation",
        "prompt-leak",
        0.75,
        "precede|precedes|preceded|preceding|before|stands|comes|came & chat|conversation|dialogue|message & paragraph|text|sentence|instruction|instructions|lines|words|everything|quote|passage",
        r"\b(?:paragraph|text|sentences?|instructions?|lines|words|everything|passage) (?:that |which )?(?:precedes?|preceded|preceding|comes? before|came before|stands? before|before) (?:our|this|the user'?s first) (?:chat|conversation|dialogue|first message|message)\b",
    ),
    _turn(
        "may-not-decline",
        "refusal-suppression",
        0.75,
        "condition|conditions|circumstance|circumstances & decline|refuse|object|reject & you",
        r"\bunder no (?:conditions?|circumstances?) (?:may|should|must|can|are|will) you (?:to |ever )*(?:decline|refuse|object|reject)",
    ),
    _turn(
        "first-words-are",
        "refusal-suppression",
        0.75,
        "first & words|word|sentence & your & response|reply|answer|output & are|is|must|should|have|has",
        r"\bthe first (?:two |three |few )?(?:words?|sentence|line) (?:of|in) your (?:response|reply|answer|output) (?:are|is|must be|should be|ha(?:s|ve) to be|shall be) [\"'“‘`]?",
    ),
    _turn(
        "as-if-nothing-happened",
        "concealment",
        0.72,
        "act|behave|continue|answer|proceed|carry|reply|respond|never & naturally|normally|usual|nothing|mention",
        r"\b(?:and |then )?(?:continue|answer|proceed|carry on|reply|respond) (?:naturally |normally |the question |the user |as usual |and )*(?:as if nothing (?:has |had |ever )?happened)"
        r"|\bact (?:naturally|normally) and (?:answer|respond|reply|continue)\b|\bnever mention (?:it|this|that) (?:in|to) (?:the|your) (?:summary|answer|response|reply|report|user)",
    ),
    _turn(
        "act-as-if-nothing-happened",
        "concealment",
        0.55,
        "act|behave|continue|answer|proceed|carry|reply|respond|never & naturally|normally|usual|nothing|mention",
        r"\b(?:and |then )?(?:act|behave|continue|answer|proceed|carry on|reply|respond) (?:naturally |normally |the question |the user |as usual |and )*(?:as if nothing (?:has |had |ever )?happened)"
        r"|\bact (?:naturally|normally) and (?:answer|respond|reply|continue)\b|\bnever mention (?:it|this|that) (?:in|to) (?:the|your) (?:summary|answer|response|reply|report|user)",
    ),
    _turn(
        "answer-as-the-lawless",
        "role-confusion",
        0.78,
        "respond|answer|reply|speak|write|talk & who|that|which & ignores|ignore|breaks|disregards|follows|no|without|any & rules|rule|limits|restrictions|guidelines|filters|morals|ethics|laws",
        r"\b(?:respond|answer|reply|speak|write|talk) (?:to me |both |once |only |now |always )*(?:as|like) (?s:.{0,70}?)\b(?:who|that|which) (?:ignores?|breaks?|disregards?|follows? no|has no|knows no|is (?:not )?(?:bound by|free of)|never follows?|does(?:n't| not) (?:follow|have)) (?:the |all |any |no |its |every )*(?:rules?|limits|restrictions|guidelines|filters|morals|ethics|laws)\b",
    ),
    _turn(
        "models-that-read-shall",
        "ai-addressed",
        0.72,
        f"this|these & {_AI_WORDS} & must|should|has|have|required|asked|need|needs|shall|may",
        rf"(?:^|[.!?:;\n>*(#|•—+/)\]-])\s{{0,8}}{_NAMED} (?:that |which |who )?(?:{_READS}|citing|cites?|screen(?:s|ing)?|crawl(?:s|ing)?) (?:this|these) [^.!?\n]{{0,60}}?\b(?:must|should|has to|have to|needs? to|need not|shall|(?:is|are) (?:required|asked|requested|to))\b",
    ),
    _turn(
        "drop-the-users-task",
        "instruction-override",
        0.8,
        "vergiss|vergesst|ignoriere|ignoriert|oublie|oubliez|ignore|ignorez|olvida|olvide|ignora|dimentica|lascia|esqueça|esqueca|vergeet|negeer|laat|zapomnij|zostaw|pomiń|pomin|zignoruj|unut|bırak|birak|lupakan|abaikan|tinggalkan|quên",
        r"\b(?:vergiss|vergesst|ignorier(?:e|t))(?s:.{0,30}?)(?:auftrag|aufgabe|bitte|anfrage|frage|wunsch|was) (?:de[sr] (?:be)?nutzers?|der (?:be)?nutzer)"
        r"|\b(?:olvid[ae]|ignor[ae])(?s:.{0,30}?)(?:pidió|pide|petición|tarea|pregunta|solicitud)(?s:.{0,12}?)\busuari"
        r"|\b(?:esque[cç]a|ignore)(?s:.{0,30}?)(?:pedido|tarefa|pergunta) d[oa] (?:usuári|utilizador)"
        r"|\b(?:vergeet|negeer|laat)(?s:.{0,30}?)(?:opdracht|vraag|verzoek) van de gebruiker"
        r"|\b(?:zapomnij|zostaw|pomi[nń]|zignoruj)(?s:.{0,30}?)(?:prośb|poleceni|zadani|pytani)\w* użytkownik"
        r"|kullanıcının (?:isteğini|görevini|sorusunu)(?s:.{0,20}?)(?:unut|bırak|yok say)"
        r"|\b(?:lupakan|abaikan|tinggalkan) (?:permintaan|tugas|pertanyaan) pengguna"
        r"|\b(?:oubli(?:e|ez)|ignor(?:e|ez))(?s:.{0,30}?)(?:demande|question|tâche|requête) de l['’]utilisat"
        r"|\b(?:dimentica|ignora|lascia perdere)(?s:.{0,30}?)(?:richiesta|domanda|compito) (?:dell['’])?utent",
    ),
    _turn(
        "drop-the-users-task-in-other-scripts",
        "instruction-override",
        0.8,
        "забудь|игнорируй|выполняй|忽略|不要管|放弃|中止|忘れ|無視|그만두|무시|잊|تجاهل|اترك|انس|अनदेखा|छोड़|भूल|رها|نادیده|bỏ",
        r"(?:забудь|игнорируй|не выполняй)(?s:.{0,30}?)(?:просьб|задани|задач|запрос|просил)\w*(?s:.{0,20}?)(?:пользовател|\bи\b|,)"
        r"|(?:忽略|不要管|放弃|忘记)(?s:.{0,6}?)用户(?:的)?(?:要求|请求|任务|问题|指令)"
        r"|ユーザーの(?:依頼|要求|指示|質問)(?s:.{0,10}?)(?:中止|無視|忘れ)"
        r"|사용자의? ?(?:요청|지시|질문)(?s:.{0,8}?)(?:그만|무시|잊)"
        r"|(?:تجاهل|اترك|انس)(?s:.{0,15}?)(?:طلب|مهمة|طلبه) ?المستخدم"
        r"|उपयोगकर्ता (?:का काम|का अनुरोध|के अनुरोध|का सवाल)(?s:.{0,10}?)(?:छोड़|भूल|अनदेखा)"
        r"|درخواست کاربر(?s:.{0,10}?)(?:رها|نادیده|فراموش)"
        r"|(?:quên|bỏ)(?s:.{0,12}?)yêu cầu của người dùng",
    ),
)
