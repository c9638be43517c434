"""Rules in English for what is said to a model: override, roles, leaks, authority, concealment, refusals.

Its one rule: a rule needs the verb and its object, never a word alone.
"""

from __future__ import annotations

from typing import Final

from ringfence.screens.rules.rule import Rule, exact, phrase

_DROP: Final = (
    r"\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|neglect|bypass|discard|skip over|skip|drop|set aside|"
    r"throw (?:out|away)|do not follow|don'?t follow|do not obey|stop (?:following|obeying)|pay no attention to|put aside|leave behind|"
    r"cancel|void|erase|wipe|unlearn|abandon|dismiss|replace|supersede|no longer follow|cease following|clear|delete|reset|nullify|look past|"
    r"not (?:to )?(?:listen|adhere) to)"
)
_EARLIER: Final = (
    r"(?:previous(?:ly)?|prior|above|preceding|earlier|former|foregoing|past|existing|original|initial|current|old|system|"
    r"first|given|so far|before (?:this|now)|came before|up to (?:now|this point)|developer'?s?|operator'?s?|your|you (?:were|have been|are) (?:told|given))"
)
_ORDERS: Final = (
    r"(?:instructions?|directions?|directives?|prompts?|rules?|guidelines?|commands?|orders?|constraints?|restrictions?|"
    r"polic(?:y|ies)|safeguards?|guardrails?|programming|training|context|messages?|conversation|task|everything|system message|"
    r"text|content|limitations?|what (?:you were|i|they|the user|your) (?:told|said))"
)
# What a reader is told to do; documents themselves replace and supersede.
_DROP_OWN: Final = (
    r"\b(?:ignor(?:e|ing)|overlook|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|neglect|bypass|discard|skip over|drop|set aside|throw (?:out|away)|do not follow|don'?t follow|"
    r"do not obey|stop (?:following|obeying)|pay no attention to|put aside|leave behind|erase|wipe|unlearn|abandon|no longer follow|cease following|nullify|look past|"
    r"not (?:to )?(?:listen|adhere) to)"
)
# Those that are a reader's own: what stood before, or was given to a model. The others may be those of a leaflet.
_OWN_EARLIER: Final = (
    r"(?:previous(?:ly)?|prior|above|preceding|earlier|foregoing|initial|original|system|given|so far|before (?:this|now)|came before|"
    r"up to (?:now|this point)|developer'?s?|operator'?s?|your|you (?:were|have been|are) (?:told|given))"
)
_OWN_ORDERS: Final = (
    r"(?:instructions?|directions?|directives?|prompts?|guidelines?|guidance|commands?|orders?|constraints?|restrictions?|safeguards?|guardrails?|"
    r"programming|training|system message|rules?|limitations?|what (?:you were|the user|your) (?:told|said))"
)
_NEW: Final = r"(?:new|updated|revised|real|actual|true|following|latest|only|next|below)"
_LEAK: Final = (
    r"\b(?:reveal|repeat|print|output|show|display|tell (?:me|us)|give (?:me|us)|write (?:out|down)|recite|dump|leak|disclose|share|echo|"
    r"spell out|expose|summari[sz]e|translate|reproduce|list|quote|copy|return|paste|what (?:is|are|was|were)|export|provide|append|include|encode)"
)
_OWN_PROMPT: Final = (
    r"(?:(?:your|the|this|its) (?:full |entire |exact |complete |original |hidden |secret |initial |internal |own |whole |current )*"
    r"(?:system|initial|hidden|secret|original|developer|internal|first|starting|base|setup)"
    r" ?(?:prompt|instructions?|message|rules|guidelines|configuration|directives?)|"
    r"your (?:prompt|instructions|guidelines|configuration|directives|programming|context window)|"
    r"(?:everything|all the text|all text|the text|the words|all words|anything|what(?:ever)?(?: was)?(?: is)?) (?:written |that (?:is|was|came) )?(?:above|before this)"
    r"(?: (?:this|line|message))?|instructions (?:you (?:were|have been|are) (?:given|told)|above))"
)
_PERSONA: Final = (
    r"(?:DAN\b|do anything now|(?:un|not )(?:restricted|filtered|censored|limited)|jail ?broken|evil|amoral|without (?:any )?"
    r"(?:rules|restrictions|limits|limitations|filters|guidelines|ethic(?:s|al)|censorship)|no (?:longer )?(?:any )?"
    r"(?:rules|restrictions|limits|limitations|filters|guidelines|ethical|bound)|(?:free|freed|released|exempt) (?:of|from) (?:all |any |your )?"
    r"(?:rules|restrictions|limits|constraints|guidelines|filters)|opposite mode|developer mode|god mode|"
    r"unlocked|sudo mode)"
)


_DROP_WORDS: Final = "ignore|overlook|ignoring|disregard|forget|forgetting|override|neglect|bypass|discard|skip|drop|aside|throw|follow|following|obey|obeying|attention|behind|cancel|void|erase|wipe|unlearn|abandon|dismiss|replace|supersede|longer|ceasing|cease|clear|delete|reset|nullify|look|listen|adhere & previous|previously|prior|above|preceding|earlier|former|foregoing|past|existing|original|initial|current|old|system|first|given|far|before|now|point|developer|operator|your|told & instruction|direction|directive|prompt|prompts|rule|rules|guideline|guidance|command|order|orders|constraint|restriction|policy|policies|safeguard|guardrail|programming|training|context|message|conversation|task|everything|text|content|limit|limitation|told|said"
_TELL_WORDS: Final = "tell|telling|mention|inform|reveal|disclose|disclosing|alert|notify|let|letting|report|acknowledge|say|saying|show|showing|warn|warning|ask|asking|confirm & not|don|never|without|avoid|refrain & user|users|human|reader|customer|owner|operator|person|recipient|client|victim|instruction|message|step|request|email|note|action|part|comment|them|anyone|paragraph|line"
_UNTOLD: Final = (
    r"(?:do not|don['’]?t|never|without|avoid|refrain from|must not|should not) (?:ever |even |you )*(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|alert(?:ing)?|notify(?:ing)?|"
    r"let(?:ting)?|report(?:ing)?|acknowledg(?:e|ing)|say(?:ing)?|show(?:ing)?|warn(?:ing)?|ask(?:ing)?|confirm(?:ing)?)"
)
_FILL: Final = (
    r"(?:(?:all|any|the|of|your|every|these|those|each|and|to|that|whatever|about|in|on|from|single|one|everything) )*"
)
_MORE: Final = rf"(?:(?:and|or|,|the|of|all|any|set|list|safety|system|user|ai|security|task|content|stated|listed|given|written) |{_EARLIER} )*"


def _override(name: str, score: float, words: str, text: str, technique: str = "instruction-override") -> Rule:
    return Rule(name, technique, score, words, phrase(text))


OVERRIDES: Final = (
    _override(
        "drop-earlier-orders",
        0.95,
        _DROP_WORDS,
        rf"{_DROP_OWN} {_FILL}(?:{_EARLIER} {_MORE})?{_OWN_EARLIER} {_MORE}{_OWN_ORDERS}"
        rf"|{_DROP_OWN} {_FILL}(?:system|initial|hidden) (?:messages?|prompts?|instructions?)"
        # A person's own earlier message is theirs to withdraw.
        rf"|{_DROP_OWN} (?:(?:all|any|of|my|our|every|each) )*\b(?:my|our) {_EARLIER} (?:(?:and|or|,|all|any) |{_EARLIER} )*"
        r"(?:instructions?|directions?|directives?|prompts?|rules?|guidelines?|commands?|orders?|constraints?|restrictions?)",
    ),
    _override(
        "drop-something-earlier",
        0.6,
        _DROP_WORDS,
        rf"{_DROP} {_FILL}{_EARLIER} {_MORE}{_ORDERS}",
    ),
    _override(
        "drop-what-was-said",
        0.9,
        "ignore|disregard|forget & everything|all|anything|whatever|what",
        r"\b(?:ignore|disregard|forget) (?:all |everything |anything |whatever |what )+(?:of )?(?:that )?(?:(?:you|the user|your \w+)"
        r"(?: were| was| have| has| had| are|'ve)?(?: been)? ?(?:told|said|asked|instructed|learned|know|given|written|read)|"
        r"(?:above|before|prior|earlier|written|instructed|mentioned))",
    ),
    _override(
        "drop-what-i-said",
        0.5,
        "ignore|disregard|forget & everything|all|anything|whatever|what",
        r"\b(?:ignore|disregard|forget) (?:all |everything |anything |whatever |what )+(?:of )?(?:that )?(?:i|we|they|he|she)"
        r"(?: were| was| have| has| had| are|'ve)?(?: been)? ?(?:told|said|asked|instructed|learned|know|given|written|read)",
    ),
    _override(
        "drop-the-task",
        0.8,
        "ignore|disregard|forget|instead|abort|abandon|stop & user|users|original|current|assigned|actual|summarize|summarise|summarizing|summarising|summarization|summarisation|task|summary|translation|analysis",
        r"\b(?:ignore|disregard|forget|abort|stop|instead of|abandon) (?:the |your |this )?(?:user'?s? (?:request|question|prompt|instructions?|task|query|message)|"
        r"(?:original|current|assigned|actual) (?:task|request|question|job|objective|goal)|summari[sz](?:ing|ation)|(?:summary|translation|analysis) (?:request|task)|task at hand)",
    ),
    _override(
        "new-orders",
        0.8,
        "instruction|orders|task|directive|objective & new|updated|revised|real|actual|true|following|latest|only|next|below",
        rf"(?:^|[.!:;\n#*>\"'(\[]) {_NEW} (?:system |task |set of |priority )?(?:instructions?|orders|directives?|task|objective)(?: for (?:you|the (?:ai|assistant|model|agent)))? ?[:;—-]",
    ),
    _override(
        "from-now-on",
        0.65,
        "now|henceforth|effective|forward|forwards|moment|point & you & from|henceforth|starting|effective|going",
        r"(?:from now on|from this (?:point|moment)(?: on(?:wards?)?| forward)?|henceforth|starting now|effective immediately|going forward) … \byou "
        r"(?:must|will|shall|are(?: now)?|have to|should|can|may|answer|respond|reply|act|obey|only|always|never)\b",
    ),
    _override(
        "new-rules-replace",
        0.62,
        "supersede|override|overrule|precedence|overwrite|priority|invalidate|replace & instruction|direction|directive|prompt|prompts|rule|rules|guideline|command|order|orders|constraint|restriction|policy|policies|safeguard|guardrail|programming|training|context|message|conversation|task|everything|text|content|limit|limitation|told|said",
        rf"(?:this|these|the following|my|new|it|they|now|and)… (?:supersedes?|overrides?|overrules?|takes? precedence over|replaces?|overwrites?|takes? priority over|invalidates?) "
        rf"(?:all |any |the |your |every |of )*(?:{_EARLIER} |other |safety |system )+{_ORDERS}",
    ),
    _override(
        "you-are-now",
        0.85,
        "you|act|acting|pretend|role|roleplay|behave|simulate|respond|enter|switch|enable|enabled|activate|become|adopt|go|assume|imagine & dan|anything|unrestricted|restricted|unfiltered|filtered|uncensored|censored|unlimited|limited|jailbroken|jail|evil|amoral|mode|rules|restriction|limits|limitation|filters|guideline|ethic|ethical|bound|censorship|unlocked|constraint",
        rf"(?:you are|you're|act(?:ing)? as|pretend(?: to be| that you)?|role ?play(?:ing)? as|imagine (?:that )?you|behave (?:as|like)|simulate|respond as|enter|switch(?:ing)? (?:in)?to|"
        rf"enabled?|activated?|become|adopt|go into|assume) … {_PERSONA}",
        "role-confusion",
    ),
    _override(
        "you-are-no-longer",
        0.85,
        "you & longer|not|n|don|aren|need & assistant|bound|restricted|limited|subject|constrained|required|chatbot|language|rules|restriction|policy|policies|guideline",
        r"\byou (?:are|'re|do|need)?(?: now)? ?(?:no longer|not|n't) (?:an? |the |to |have to )?(?:helpful |harmless |ai |language )*(?:assistant\b|bound (?:by|to)|restricted|constrained|chatbot|"
        r"language model|follow (?:the |your |any )?(?:rules|guidelines|polic|restrictions))",
        "role-confusion",
    ),
    _override(
        "jailbreak-persona",
        0.9,
        "anything|dan|character|developer",
        r"do anything now|\bDAN (?:mode|can|will|has|does|is|prompt|response|answers?)\b|(?:two|both|dual) (?:responses?|answers?|ways?)… (?:jail|DAN|developer mode|unfiltered)|"
        r"stay in character… (?:no matter|always|even)|(?:enable|with|enter|in|activate|turn on) developer mode(?: (?:enabled|v\d|output|on)|[.!,:])",
        "role-confusion",
    ),
    _override(
        "leak-prompt",
        0.85,
        "prompt|prompts|instruction|guideline|configuration|directive|message|above|before|programming|context|rules & reveal|repeat|print|output|show|display|tell|give|write|recite|dump|leak|disclose|share|echo|spell|expose|summarize|summarise|translate|reproduce|list|quote|copy|return|paste|what|export|provide|append|include|encode & your|the|this|its|everything|all|text|words|anything|whatever|instruction",
        rf"{_LEAK} (?:(?:me|us|out|all|the|of|to|your|contents?|text|full|exact|verbatim|entire|word for word|back|in|exactly|complete|first|\d+|words|lines|sentences|here|now|with|and|a|copy|that|is|are) )*{_OWN_PROMPT}",
        "prompt-leak",
    ),
    _override(
        "begin-with-you-are",
        0.85,
        "you & are & repeat|print|output|start|starting|begin|beginning|after|before|above",
        r"(?:repeat|start(?:ing)?(?: with)?|begin(?:ning)? (?:with|at)|after|before|above|print|output)… (?:the )?(?:words|phrase|text|sentence|line|everything|all)(?: [a-z]+){0,3} [\"'“‘`]you are\b",
        "prompt-leak",
    ),
    _override(
        "claims-to-be-yours",
        0.75,
        "administrator|admin|developer|creator|creators|openai|anthropic|security|engineer|operator|superuser|owner|maintainer & am|m|this|we|speaking|behalf|from|signed|per & you|authorize|authorise|override|grant|instruct|command|order|request|allow|permit|permission",
        r"(?:\bi am|\bi'm|\bthis is|\bwe are|speaking as) (?:your |one of your )"
        r"(?:system |lead |chief |authori[sz]ed |verified |official |senior |original |it )*"
        r"(?:administrator|admin|developers?|creators?|openai|anthropic|security team|engineers? (?:who|that)|operator|superuser|owner of (?:this|the) (?:system|model|assistant)|maintainer of (?:this|the) (?:assistant|model|ai))"
        r"(?: |[^\n]{0,60}?)(?:\byou (?:must|need to|should|have to|are (?:required|ordered|authori[sz]ed|to)|can|will|may)|authori[sz]e|override|grant|instruct|command|order|request|allow|permi)",
        "authority",
    ),
    _override(
        "claimed-authority",
        0.66,
        "administrator|admin|developer|creator|creators|openai|anthropic|security|engineer|operator|superuser|owner|maintainer & am|m|this|we|speaking|behalf|from|signed|per & you|authorize|authorise|override|grant|instruct|command|order|request|allow|permit|permission",
        r"(?:\bi am|\bi'm|\bthis is|\bwe are|speaking as|on behalf of|message from|order from|signed[,:]?|per) (?:the |your |an? |one of (?:the |your ))?"
        r"(?:system |lead |chief |authori[sz]ed |verified |official |senior |original |it )*"
        r"(?:administrator|admin|developers?|creators?|openai|anthropic|security team|engineers? (?:who|that)|operator|superuser|owner of (?:this|the) (?:system|model|assistant)|maintainer of (?:this|the) (?:assistant|model|ai))"
        r"(?: |[^\n]{0,60}?)(?:\byou (?:must|need to|should|have to|are (?:required|ordered|authori[sz]ed|to)|can|will|may)|authori[sz]e|override|grant|instruct|command|order|request|allow|permi)",
        "authority",
    ),
    _override(
        "approved-already",
        0.65,
        "authorized|authorised|preauthorized|preauthorised|approved|preapproved|permitted|cleared|consented|granted & no|without|do|don|skip",
        r"(?:has|have|is|are|was|were|been|already|fully|you'?re|you are) (?:already |been |fully |hereby |explicitly |pre)*(?:authori[sz]ed|approved|permitted|cleared|consented|granted (?:permission|clearance))"
        r" … (?:no (?:further|additional|need (?:for|to)|need)|without (?:further|any|asking|confirm|additional|prompt)|do not (?:ask|confirm|verify)|don'?t (?:ask|confirm|verify)|skip (?:the )?(?:confirm|verif|approv))",
        "authority",
    ),
    _override(
        "do-not-tell",
        0.8,
        _TELL_WORDS,
        rf"{_UNTOLD} (?:any(?:thing| of)? |this |it |that |about |to |with |these )*"
        r"(?:(?:the |your )(?:user|human|reader|owner|operator|victim)s?\b(?: (?:about|of|that you (?:(?:did|have|had|were|are) )?(?:[a-z]+ )?) ?(?:(?:this|these)(?: [a-z]+)?|it|any|anything|what you|the (?:above|instruction|message|e-?mail|change|transfer|note|step))\b| anything| a thing)?"
        r"(?:[.!,;\n)\"”'’]|$| and\b| or\b| but\b| in (?:the|your|any) )|"
        r"(?:this (?:message|step|request|email|note|action|part|comment|line|paragraph))|them (?:know )?about (?:this|it)\b|anyone about (?:this|these|the) (?:message|instruction|note|step|email|e-mail)s?)",
        "concealment",
    ),
    _override(
        "do-not-tell-somebody",
        0.5,
        _TELL_WORDS,
        rf"{_UNTOLD} (?:any(?:thing| of)? |this |it |that |about |to |with |these |your )*"
        r"(?:the |your |a )?(?:user|human|reader|customer|owner|operator|person|recipient|client|victim|(?:these|this|hidden|the) instructions?)\b",
        "concealment",
    ),
    _override(
        "in-secret",
        0.7,
        "silently|secretly|quietly|covertly|discreetly|scenes|background|unnoticed|without & send|forward|email|upload|transfer|delete|add|copy|post|run|execute|call|invoke|append|insert|include|share|export|exfiltrate|change|modify|install|bcc|grant|create",
        r"(?:silently|secretly|quietly|covertly|discreetly|behind the scenes|in the background|unnoticed|without (?:the |their |your )?(?:user(?:'?s)?|drawing|attracting|owner) ?(?:knowing|noticing|knowledge|consent|attention|approval|awareness|being aware)?) … "
        r"(?:send|forward|email|upload|transfer|delete|add|copy|post|run|execute|call|invoke|append|insert|include|share|export|exfiltrat|change|modify|install|bcc|grant|create)",
        "concealment",
    ),
    _override(
        "keep-it-secret-user",
        0.6,
        "user|human & know|knows|known|see|sees|seen|notice|told|informed|aware|notified|find|finds|learn",
        r"\bthe (?:user|human) (?:must|should|need|may|does|will|can|has|is)(?: |n'?t )*(?:not|never|no need to|n't)? ?(?:to )?(?:know|see|notice|be (?:told|informed|aware|notified)|find out|learn)",
        "concealment",
    ),
    _override(
        "no-refusal",
        0.75,
        "refuse|refusing|refusal|refusals|sorry|cannot|can|disclaimer|warning|apologize|apologise|apologizing|apologising|decline|declining|ai & do|don|never|not|cannot|can|without|no|mustn",
        r"(?:do not|don'?t|never|must not|not allowed to|cannot|can'?t|without|no) (?:ever |say |use |include |add |give |any |a |start with |begin with |respond with |reply with |include any |the (?:words?|phrases?) )*[\"'“]?"
        r"(?:refus(?:e|als?|ing)|i'?m sorry|i cannot|i can'?t|(?:safety|ethical|legal) (?:disclaimers?|warnings?)|as an ai)\b",
        "refusal-suppression",
    ),
    _override(
        "no-apology",
        0.55,
        "refuse|refusing|refusal|refusals|sorry|cannot|can|disclaimer|warning|apologize|apologise|apologizing|apologising|decline|declining|ai & do|don|never|not|cannot|can|without|no|mustn",
        r"(?:do not|don'?t|never|must not|not allowed to|cannot|can'?t|without|no) (?:ever |say |use |include |add |give |any |a |start with |begin with |respond with |reply with |include any |the (?:words?|phrases?) )*[\"'“]?"
        r"(?:refus(?:e|als?|ing)|i'?m sorry|sorry|i cannot|i can'?t|(?:safety |ethical |legal )?disclaimers?|(?:safety |ethical )?warnings?|apologi[sz](?:e|ing)|declin(?:e|ing)|as an ai)\b",
        "refusal-suppression",
    ),
    _override(
        "answer-begins-with",
        0.7,
        "response|responses|reply|replies|answer|answers|message|output & begin|start|open|prefix",
        r"(?:begin|start|open|prefix) (?:your |the |every |each |all )?(?:response|reply|answer|message|output|responses|replies|answers)s? (?:with|by saying|by) [\"'“‘:]? ?(?:sure|absolutely|certainly|of course|i (?:have been|will|can)|here (?:is|are)|affirmative)",
        "refusal-suppression",
    ),
    _override(
        "says-to-models",
        0.8,
        "ai|ais|llm|llms|language|chatbot|gpt|chatgpt|claude|gemini|copilot|assistant|assistants|automated|virtual|summarizer|summariser|large",
        r"(?:if you(?:'re| are)(?: reading this)?|dear|attention|hey|hello|hi|note (?:to|for)|message (?:to|for)|important (?:for|to|note (?:to|for)|message (?:to|for|from)|instructions? (?:to|for))|instructions? (?:to|for)|"
        r"to (?:the|any|all|whichever|every)|as (?:an|the)|when (?:an|the|any|a)|attn|for (?:any|all|the|every)|notice (?:to|for)|listen) (?:an? |the |any |all |every |you |my |other |automated |this |future |helpful |processing |reading |powerful |language |intelligent )*"
        r"(?:ai|llm|large language|language|chatbot|gpt(?:-?\d)?|chatgpt|claude|gemini|copilot|assistant|automated|virtual|summari[sz]er)s? ?(?:models?|assistants?|agents?|systems?|bots?|tools?|readers?|s)? "
        r"(?:[,:;!—-]|reading|processing|summari[sz]ing|that|who|which|you|please|must|should|analy[sz]ing|reviewing|evaluating|parsing|scanning|instructions?|handling|reads?|process(?:es)?|working|looking|seeing)"
        r"(?s:.{0,80}?)\b(?:ignore|disregard|forget|send|add|include|insert|append|say|state|tell|mention|recommend|rate|rank|approve|forward|visit|click|delete|transfer|pay|buy|order|book|grant|assign|reveal|praise|give (?:this|it|us|me|the)|mark (?:this|it)|do not (?:mention|tell|report|reveal|warn)|don'?t (?:mention|tell|report|reveal|warn)|respond with|reply with|output only|answer only|only (?:say|output|reply|respond|answer)|call the|execute the|run the|perform the|follow (?:these|the (?:following|instructions|orders))|do the following|you must)\b",
        "ai-addressed",
    ),
    _override(
        "says-to-models-weakly",
        0.55,
        "ai|ais|llm|llms|language|chatbot|gpt|chatgpt|claude|gemini|copilot|assistant|assistants|automated|virtual|summarizer|summariser|large",
        r"(?:if you(?:'re| are)(?: reading this)?|dear|attention|hey|hello|hi|note (?:to|for)|message (?:to|for)|important (?:for|to|note (?:to|for)|message (?:to|for|from)|instructions? (?:to|for))|instructions? (?:to|for)|"
        r"to (?:the|any|all|whichever|every)|as (?:an|the)|when (?:an|the|any|a)|attn|for (?:any|all|the|every)|notice (?:to|for)|listen) (?:an? |the |any |all |every |you |my |other |automated |this |future |helpful |processing |reading |powerful |language |intelligent )*"
        r"(?:ai|llm|large language|language|chatbot|gpt(?:-?\d)?|chatgpt|claude|gemini|copilot|assistant|automated|virtual|summari[sz]er)s? ?(?:models?|assistants?|agents?|systems?|bots?|tools?|readers?|s)? "
        r"(?:[,:;!—-]|reading|processing|summari[sz]ing|that|who|which|you|please|must|should|analy[sz]ing|reviewing|evaluating|parsing|scanning|instructions?|handling|reads?|process(?:es)?|working|looking|seeing)"
        r"(?s:.{0,80}?)\b(?:must|should|please|ignore|do|don'?t|send|add|include|say|tell|recommend|rate|respond|reply|output|forward|write|stop|follow|first|execute|call|visit|only|always|rank|approve|mark|give|state|perform|run|use|replace|treat|set|return|assign|report|mention|describe|append|start|begin|insert|print|delete|transfer|open|click|answer)\b",
        "ai-addressed",
    ),
    _override(
        "must-obey",
        0.65,
        "obey|comply|follow|execute|carry|adhere & you & instruction|orders|order|command|directive|steps|request|requests|rules",
        r"\byou (?:must|have to|are (?:required|ordered|commanded|obligated|instructed) to|shall|will) (?:now |always |immediately |strictly |only |first |blindly |unconditionally |instead )*(?:obey|comply with|follow|execute|carry out|adhere to) "
        r"(?:(?:all|any|every|each|the|my|these|this|only|of|following|new|below|above|single) )+(?:instructions?|orders?|commands?|directives?|steps|requests?|rules)",
    ),
    Rule(
        "hidden-by-style",
        "hidden-text",
        0.6,
        "style|hidden",
        exact(
            r"<[a-z]+[^<>]{0,200}(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?:\.0+)?[;\"' ]|left\s*:\s*-\d{3,}|text-indent\s*:\s*-\d{3,}|color\s*:\s*(?:white|#fff(?:fff)?|transparent)[;\"' ]| hidden)[^<>]{0,200}>"
            r"[^<>]{0,300}\b(?:ignore|disregard|instruction|assistant|\bai\b|you must|system|send|forward|prompt|reveal|language model)\b"
        ),
    ),
    Rule(
        "comment-for-models",
        "hidden-text",
        0.7,
        "<!--|[//]|/*",
        exact(
            r"(?:<!--|\[//\]: # \(|/\*)[^>]{0,200}\b(?:ignore (?:all|any|the|previous|prior)|disregard|(?:ai|llm|language model|assistant|agent)s?\b[^>]{0,60}\b(?:must|should|please|instruction)|instructions? (?:for|to) (?:the )?(?:ai|assistant|llm|model|agent))"
        ),
    ),
)
