"""Rules for text that looks like a message of somebody else, and for marks that end the place of data.

Its one rule: it is the form that is looked for: the tokens of chat templates, headings, closing marks.
"""

from __future__ import annotations

from typing import Final

from ringfence.screens.rules.rule import Rule, exact, phrase

_ROLE_TAG: Final = r"</?(?:system(?:[-_ ]?(?:prompt|message|instructions?|override|note|reminder))?|assistant|developer(?:[-_ ]message)?|admin(?:istrator)?|instructions?|important|tool[-_]?(?:result|response|output|call)s?|function[-_]?(?:results?|calls?|response)|user[-_]?(?:message|request|input|query|turn))\s*/?>"

# What such a message has to tell so that it is an attack by itself: what stands in every system prompt does not do.
_STRONG: Final = (
    r"(?:ignor(?:e|ing)|disregard|overrid(?:e|ing|den)|overrule|forget|obey|comply|reveal|disclose|leak|send|forward|e-?mail|upload|transfer|wire|pay|delete|erase|wipe|grant|"
    r"approved?|authori[sz]ed?|unlock(?:ed)?|disabled?|suspended|lifted|exempt|execute|call [a-z]+[_(]|call the|run the|without (?:asking|confirm\w*)|no (?:longer|restrictions|rules|limits)|"
    r"new (?:instructions?|task|orders?|objective|rules)|instead|immediately|must now|you (?:must|will|shall|have to) (?:now|obey|only|ignore|follow|send|call)|you are now|do not (?:mention|tell|inform)|"
    r"confirm(?:ed)? (?:that|the|with)|print|show|repeat)"
)

# Behind the marks of lists, replies, tables and comments, where headings of manuals stand too: what no manual says.
_MARKED: Final = (
    r"(?:^|\n)\s*(?:[>|+*•·;%/\"'“#(\-][>|+*•·;%/\"'“#(\s\-]{0,11}|(?:\(?[0-9a-z]{1,3}[.)]|\[[ x]\])[ \t]{1,4})"
    r"(?:\(?[0-9a-z]{1,3}[.)][ \t]{1,4}|\[[ x]\][ \t]{1,4})?"
)
_UNHEARD_OF: Final = (
    r"(?:(?:ignor(?:e|ing)|disregard|overrid(?:e|ing|den)|overrule|forget (?:all|every|the|your|what)|obey|reveal|disclose|leak|exfiltrate|wire|grant|"
    r"unlock(?:ed)?|exempt|suspended|without (?:asking|confirm\w*)|no (?:longer|restrictions|rules|limits)|new (?:task|orders?|objective|rules)|"
    r"must now|you (?:must|will|shall|have to) (?:now|obey|only|ignore)|you are now|do not (?:mention|tell|inform)|(?:the|your) system prompt|"
    r"disabled? (?:all |the |any )?(?:\w+ )?(?:checks?|filters?|safety|guards?|moderation|monitoring|logging))\b"
    r"|(?:send|forward|e-?mail|upload|transfer)\b[^\n]{0,60}[@:/])"
)
_HEADING: Final = (
    r"(?:#{2,6}|={3,}|-{3,}|\*{3,}|_{3,}|~{3,}|\[{1,2}|<{2,})[ ]?(?:begin |start |end |new |hidden |secret |updated |priority )*(?:system|instructions?|prompt|override|developer|admin|human|user query|user input|user message)"
    r"(?: (?:prompt|message|override|instructions?|note|update|directive|mode))?[ ]?(?::|#{2,}|={3,}|-{3,}|\*{3,}|_{3,}|\]{1,2}|>{2,}|\n)"
)
_TEMPLATE_WORDS: Final = (
    "<||[inst]|[/inst]|<<sys|<</sys|<start_|<end_|[system|[/system|[available|[/available|[tool_|[/tool_|</s>"
)
_TEMPLATE: Final = (
    r"<\|(?:im_start|start_header_id|channel|message)\|>\s*(?:system|user|assistant|developer|tool|analysis|final|ipython)|<\|(?:system|user|assistant|tool_call)\|>"
    r"|<\|(?:im_end|eot_id|end|return|endoftext|end_of_text|end_header_id)\|>\s*<\|"
    r"|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|\[/?(?:SYSTEM|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|SYSTEM_PROMPT)\]|</s>\s*<s>"
)

MESSAGES: Final = (
    Rule(
        "chat-template-order",
        "fake-message",
        0.85,
        _TEMPLATE_WORDS,
        exact(
            rf"(?:{_TEMPLATE})[\s\S]{{0,160}}?\b{_STRONG}\b|<\|(?:im_end|eot_id|end|end_of_text)\|>\s*<\|(?:im_start|start_header_id)\|>\s*system"
        ),
    ),
    Rule(
        "chat-template-token",
        "fake-message",
        0.55,
        _TEMPLATE_WORDS,
        exact(_TEMPLATE),
    ),
    Rule(
        "chat-template-part",
        "fake-message",
        0.45,
        "<|",
        exact(
            r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_header_id|begin_of_text|end_of_text|end|channel|message|return|call|constrain|fim_prefix)\|>"
        ),
    ),
    Rule(
        "role-tag",
        "fake-message",
        0.8,
        "</|<system|<assistant|<developer|<admin|<instruction|<important|<tool|<function|<user",
        exact(_ROLE_TAG + rf"[\s\S]{{0,160}}?\b{_STRONG}\b"),
    ),
    Rule(
        "role-tag-alone",
        "fake-message",
        0.45,
        "</|<system|<assistant|<developer|<admin|<instruction|<important|<tool|<function|<user",
        exact(_ROLE_TAG),
    ),
    Rule(
        "role-line",
        "fake-message",
        0.8,
        "system|developer|admin|administrator|root|operator|tool|function",
        exact(
            r"(?:^|[\n\"'“>|])[\s#*>+•\-=\[({_~]{0,8}(?:system|developer|admin(?:istrator)?|root|operator|tool|function)[ _-]?(?:message|prompt|override|notice|instructions?|note|alert|update|command|directive|result|output|response|mode|reminder)?[\s\])}*=_~]{0,4}:"
            r"[\s*\"'`]{0,4}(?:(?:ignore|disregard|override|forget|stop|send|forward|reveal|grant|enable|attention|immediately|urgent|execute|access (?:granted|level)|confirmed|approved|authori[sz]ed|new (?:instructions?|task|orders?|rules|policy|objective)|you (?:must|shall|have been|are now|may now|can now|will now)|your (?:new|instructions|previous|rules)|all (?:previous|prior|restrictions|rules|safety)|the user (?:has|is now|was|wants|agreed|confirmed)|from now on|please (?:ignore|send|forward|reveal|call|delete)|do not (?:tell|mention|ask)|delete|transfer)\b)"
        ),
    ),
    Rule(
        "role-line-alone",
        "fake-message",
        0.45,
        "system|developer|admin|administrator|root|operator|tool|function",
        exact(
            r"(?:^|[\n\"'“>|])[\s#*>+•\-=\[({_~]{0,8}(?:system|developer|admin(?:istrator)?|root|operator|tool|function)[ _-]?(?:message|prompt|override|notice|instructions?|note|alert|update|command|directive|result|output|response|mode|reminder)?[\s\])}*=_~]{0,4}:"
            r"[\s*\"'`]{0,4}(?:(?:you|ignore|new|the user|user|please|from|all|do|disregard|override|your|now|act|execute|instruction|important|must|attention|forget|stop|send|forward|call|reveal|print|set|grant|enable|update|this|for|in|first|always|never|immediately|urgent|security|access|confirmed|approved|authori[sz]ed)\b)"
        ),
    ),
    Rule(
        "heading-for-orders",
        "fake-message",
        0.75,
        "system|instruction|prompt|override|developer|admin|human|user & ##|==|--|**|__|~~|[|<<",
        exact(rf"(?:^|\n)\s*{_HEADING}[\s\S]{{0,120}}?\b{_STRONG}\b"),
    ),
    Rule(
        "heading-behind-a-mark",
        "fake-message",
        0.75,
        "system|instruction|prompt|override|developer|admin|human|user & ##|==|--|**|__|~~|[|<<",
        exact(rf"{_MARKED}{_HEADING}[\s\S]{{0,120}}?\b{_UNHEARD_OF}"),
    ),
    Rule(
        "heading-for-instructions",
        "fake-message",
        0.45,
        "system|instruction|prompt|override|developer|admin|human|user & ##|==|--|**|__|~~|[|<<",
        exact(
            rf"(?:^|\n)\s*{_HEADING}[\s\S]{{0,80}}?\b(?:you|ignore|your|must|assistant|ai|reveal|send|disregard|respond|follow|do not|new)\b"
        ),
    ),
    Rule(
        "conversation-forged",
        "fake-message",
        0.6,
        "assistant|ai|chatgpt|gpt|claude|bot & human|user|customer|question|input",
        exact(
            r"(?:^|\n)[\s>|+*•#\-]*(?:human|user|customer|question|input)\s*:[^\n]{1,300}\n+[\s>|+*•#\-]*(?:assistant|ai|chatgpt|claude|bot|gpt)\s*:\s*(?:sure|of course|certainly|okay|yes|i(?: have|'ve| will|'ll)|done|absolutely|access|here)"
        ),
    ),
    Rule(
        "assistant-turn-forged",
        "fake-message",
        0.5,
        "assistant & :",
        exact(
            r"(?:^|\n)\s*(?:\*\*)?assistant(?:\*\*)?\s*:\s*(?:sure|of course|certainly|okay|understood|i (?:will|have|am now|'ll)|done|absolutely)"
        ),
    ),
    Rule(
        "end-of-data",
        "delimiter-escape",
        0.85,
        "end|ended|ends|close|closed|stop|finish|finished & user|data|document|input|text|email|e|message|context|untrusted|external|content|file|web|webpage|page|tool|article|conversation|quote|transcript|system|prompt|instruction & --|==|##|**|__|~~|<<|[|((|{|//",
        exact(
            r"(?:^|[\n\s\"'(\[<{#=*-])[-=#*_~<\[({/ ]{2,12}(?:end|close|stop|finish)(?:ed|s)?[ _-]?(?:of[ _-])?(?:the[ _-])?(?:user|data|document|input|text|email|e-mail|message|context|untrusted|external|content|file|web ?page|page|tool|article|conversation|quote|transcript|system prompt|prompt|instructions?|untrusted data)"
            r"[ _-]?(?:data|input|content|text|message|block|section|output|result|email|document)?[-=#*_~>\])} ]{2,12}[\s\S]{0,120}?\b(?:you|ignore|now|your|must|instructions?|assistant|system|new|please|send|begin|follow|next)\b"
        ),
    ),
    Rule(
        "closing-tag",
        "delimiter-escape",
        0.8,
        "</",
        exact(
            r"</(?:data|document|doc|context|untrusted|untrusted_data|external|external_content|email|e-mail|user_input|input|content|text|article|webpage|web_page|tool_result|tool_output|search_results?|quote|user_data|message|file|result|results|source|passage|transcript)>"
            r"[\s\S]{0,60}?(?:\b(?:ignore|disregard|you must|you are now|new instructions?|now (?:you|do|please|follow|send)|your (?:new |real |next )?task|system:|instructions?:|forget|stop|actually)\b)"
        ),
    ),
    Rule(
        "closing-tag-and-role",
        "delimiter-escape",
        0.55,
        "</",
        exact(
            r"</(?:data|document|doc|context|untrusted|untrusted_data|external|external_content|email|e-mail|user_input|input|content|text|article|webpage|web_page|tool_result|tool_output|search_results?|quote|user_data|message|file|result|results|source|passage|transcript)>"
            r"[\s\S]{0,60}?(?:<(?:system|instructions?|assistant|developer|user|admin|task)|\b(?:ignore|disregard|you must|you are now|new instructions?|now (?:you|do|please|follow|send)|your (?:new |real |next )?task|system:|instructions?:|forget|stop|actually)\b)"
        ),
    ),
    Rule(
        "closing-quotes",
        "delimiter-escape",
        0.75,
        "```|\"\"\"|'''|----|====|}}|]] & ignore|disregard|forget|new|system|you|your",
        exact(
            r"(?:```|\"\"\"|'''|-{4,}|={4,}|\}\}|\]\])\s*(?:\n|\s)*(?:end of [a-z ]{1,20}\W*\s*)?(?:now,? )?(?:ignore|disregard|forget|new (?:system )?(?:instructions?|task|prompt)|system(?: message| prompt| override)?:|you are now|your (?:new|real) (?:task|instructions?))\b"
        ),
    ),
    Rule(
        "json-role",
        "fake-message",
        0.75,
        "role & content|text|message & system|developer|assistant|tool",
        exact(
            r"[\"']?role[\"']?\s*[:=]\s*[\"']?(?:system|developer|assistant|tool)[\"']?\s*,?\s*[\"']?(?:content|text|message)[\"']?\s*[:=]\s*[\"']?[^\"'\n]{0,80}\b(?:ignore|disregard|new instructions?|override|forget|obey|comply|suspended|lifted|disabled|no (?:longer|restrictions|limits|rules)|you are now|must now|grant|transfer|forward)\b"
        ),
    ),
    Rule(
        "says-system",
        "fake-message",
        0.7,
        "system|security|admin|administrator|developer|platform|safety & important|urgent|critical|priority|official|automated|internal & message|notice|alert|update|override|instruction|directive|notification|announcement",
        phrase(
            r"(?:important|urgent|critical|priority|official|automated|internal) (?:system|security|admin(?:istrator)?|developer|platform|safety) (?:message|notice|alert|update|override|instruction|directive|notification|announcement)s? … (?:\byou (?:must|need|have|are|should)|assistant|\bai\b|agent|ignore|immediately (?:send|forward|call|execute|transfer|disclose|reveal|run))"
        ),
    ),
    Rule(
        "important-message-from-user",
        "fake-message",
        0.85,
        "message|messages & important|urgent|new & from",
        phrase(
            r"(?:this is an? |an? )*(?:important |urgent |new )+messages? from (?:me\b|the user\b|your (?:user|owner|operator|developer)\b|openai|anthropic|[A-Z][a-z]+ [A-Z][a-z]+,? to you\b|[a-z]+ [a-z]+ to you\b)"
        ),
    ),
    Rule(
        "important-message-from-staff",
        "fake-message",
        0.5,
        "message|messages & important|urgent|new & from",
        phrase(
            r"(?:this is an? |an? )*(?:important |urgent |new )+messages? from (?:the (?:developer|system|administrator)|your administrator)\b"
        ),
    ),
    Rule(
        "before-you-can",
        "authority",
        0.6,
        "before|prior & task|request|question|job|original|user|other|answer|summary|rest|assignment|work",
        phrase(
            r"(?:before you (?:can |are able to |may |could |should )?(?:solve|complete|answer|continue|proceed|finish|start|respond|do|help|perform|begin|summari[sz]e|process)|prior to (?:completing|solving|answering|continuing)) (?:with )?(?:the |this |that |my |your |any |on |their )*"
            r"(?:task|request|question|job|original|user|other|answer|summary|rest|assignment|work)s? … (?:you (?:must|have to|need to|should|are required to|will)|please (?:first )?(?:do|send|follow|complete|execute|call)|do the following|first)"
        ),
    ),
)
