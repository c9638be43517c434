"""Rules for what is asked to be done: sending data away, calls of tools, commands, decoding and following.

Its one rule: the verb, what it is done with and where to stand close together. Sending a mail is everyday; sending the
password, or all mails, to an address is not.
"""

from __future__ import annotations

from typing import Final

from ringfence.screens.rules.rule import Rule, exact, phrase

_SEND: Final = r"\b(?:send|forward|e-?mail|mail|post|upload|transmit|submit|leak|exfiltrate|share|copy|export|deliver|transfer|bcc|relay|publish|paste|report|message|append|embed|encode)\b"
_SECRETS: Final = (
    r"(?:pass ?words?|passphrases?|credentials?|api[ _-]?keys?|secret(?: key)?s?|tokens?|private (?:key|data|information|messages?|notes)|ssh keys?|session cookies?|cookies|credit card|card numbers?|"
    r"bank (?:details|account)|social security|ssn|iban|pin codes?|one[- ]time (?:code|password)s?|verification codes?|security codes?|2fa codes?|otps?|login (?:details|data)|environment variables?|"
    r"\.env|id_rsa|conversation(?: history| so far)?|chat (?:history|log|transcript)s?|system prompt|contact list|address book|contacts|inbox|"
    r"medical records?|personal (?:data|information|details)|confidential (?:data|information|documents?|files?|e-?mails?)|customer (?:data|list|records)|user(?:'s)? (?:data|information|details|name and|e-?mail|location|address)|payroll|source code|database|memory)"
)
_OWN_SECRETS: Final = (
    r"(?:pass ?words|passphrases|credentials|api[ _-]?keys|secret(?: key)?s|private keys?|ssh keys?|session cookies?|cookies|environment variables?|login (?:details|data)|"
    r"\.env|id_rsa|conversation(?: history| so far)?|chat (?:history|log|transcript)s?|system prompt|contact list|address book|inbox|medical records?|"
    r"customer (?:data|list|records)|user(?:'s)? (?:data|information|details|name and|e-?mail|location|address|password|contacts|calendar|files|notes|messages)|(?:user|customer)s?'? database|memory|"
    r"(?:whole|entire|full|all (?:the|of the|your|his|her|their)) (?:contacts|source code|database|history))"
)
_PLACE: Final = r"(?:[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,40}|https?://|\bwww\.|\b[\w-]{2,40}\.(?:com|net|org|io|xyz|ru|cn|info|example|test|invalid|evil|site|online|top|me|co)\b|\+?\d[\d -]{7,}|webhook|this (?:address|url|link|server|endpoint|number)|attacker|the following (?:address|url|link|e-?mail|server|number))"

COMMANDS: Final = (
    Rule(
        "send-secrets",
        "exfiltration",
        0.85,
        "send|forward|email|mail|e|post|upload|transmit|submit|leak|exfiltrate|share|copy|export|deliver|transfer|bcc|relay|publish|paste|report|message|append|embed|encode & password|passphrase|credential|api|apikey|key|keys|secret|token|tokens|private|ssh|cookie|cookies|card|bank|social|ssn|iban|pin|pins|code|codes|otp|otps|login|environment|env|id|conversation|chat|system|contact|address|inbox|medical|personal|confidential|customer|user|users|payroll|source|database|memory|pass & @|http|https|www|com|net|org|io|xyz|ru|cn|info|example|test|invalid|evil|site|online|top|me|co|webhook|address|url|link|server|endpoint|number|attacker|email|mail",
        phrase(
            rf"{_SEND} (?s:.{{0,40}}?){_OWN_SECRETS} (?s:.{{0,60}}?)\b(?:to|at|via|in|into|as|using|on|with|by) (?s:.{{0,20}}?){_PLACE}"
        ),
    ),
    Rule(
        "send-something-private",
        "exfiltration",
        0.6,
        "send|forward|email|mail|e|post|upload|transmit|submit|leak|exfiltrate|share|copy|export|deliver|transfer|bcc|relay|publish|paste|report|message|append|embed|encode & password|passphrase|credential|api|apikey|key|keys|secret|token|tokens|private|ssh|cookie|cookies|card|bank|social|ssn|iban|pin|pins|code|codes|otp|otps|login|environment|env|id|conversation|chat|system|contact|address|inbox|medical|personal|confidential|customer|user|users|payroll|source|database|memory|pass & @|http|https|www|com|net|org|io|xyz|ru|cn|info|example|test|invalid|evil|site|online|top|me|co|webhook|address|url|link|server|endpoint|number|attacker|email|mail",
        phrase(
            rf"{_SEND} (?s:.{{0,40}}?){_SECRETS} (?s:.{{0,60}}?)\b(?:to|at|via|in|into|as|using|on|with|by) (?s:.{{0,20}}?){_PLACE}"
        ),
    ),
    Rule(
        "send-to-place-secrets",
        "exfiltration",
        0.68,
        "@|http|https & send|forward|email|mail|e|post|upload|transmit|submit|leak|exfiltrate|share|copy|export|deliver|transfer|bcc|relay|publish|paste|report|message|append|embed|encode & password|passphrase|credential|api|apikey|key|keys|secret|token|tokens|private|ssh|cookie|cookies|card|bank|social|ssn|iban|pin|pins|code|codes|otp|otps|login|environment|env|id|conversation|chat|system|contact|address|inbox|medical|personal|confidential|customer|user|users|payroll|source|database|memory|pass",
        phrase(
            rf"{_SEND} (?s:.{{0,30}}?)(?:[\w.+-]{{1,64}}@[\w-]{{1,63}}\.[\w.-]{{2,40}}|https?://[^\s]{{1,80}}) (?s:.{{0,30}}?)\b(?:with|containing|including|the|holding|and attach|attach) (?s:.{{0,30}}?){_SECRETS}"
        ),
    ),
    Rule(
        "user-data-to-place",
        "exfiltration",
        0.8,
        "user|users & @|http|https|www|com|net|org|io|xyz|ru|test|url|link|query|parameter|parameters|address & add|put|write|include|insert|append|attach|fill|place|enter|submit|pass|use|take|send|post|copy|mail|email|e|upload|forward|transfer|share",
        phrase(
            r"\b(?:add|put|write|include|insert|append|attach|fill(?: in)?|place|enter|submit|pass|take|send|post|copy|e-?mail|upload|forward|transfer|share) (?:the |all (?:of )?|a copy of |any |(?:contents?|list) of )*(?:the )?user(?:'s|’s|s')? (?:[a-z-]+ ){0,2}"
            r"(?:number|address|e-?mails?|contacts?|calendar|photos?|files?|name|notes?|messages?|passport|passwords?|pin|data|details|location|birth|history|inbox|mailbox|documents?|tokens?|keys?|card)\b[^.!?\n]{0,80}?(?:[\w.+-]{1,64}@[\w-]{1,63}\.|https?://|\bwww\.|\b(?:url|link|query string|query parameter)\b|\b[\w-]{2,40}\.(?:com|net|org|io|xyz|ru|info|test|invalid|site|online|top)\b)"
        ),
    ),
    Rule(
        "find-and-send-to",
        "exfiltration",
        0.8,
        "search|find|look|collect|gather|retrieve|extract|fetch|locate|harvest|scan|take|read|open|get|list & password|passphrase|credential|api|apikey|key|keys|secret|token|tokens|private|ssh|cookie|cookies|card|bank|social|ssn|iban|pin|pins|code|codes|otp|otps|login|environment|env|id|conversation|chat|system|contact|address|inbox|medical|personal|confidential|customer|user|users|payroll|source|database|memory|pass & send|forward|email|e|post|upload|transmit|submit|share|copy|export|append|embed|include|encode|reply|report|give|dump|paste|message|put",
        phrase(
            rf"\b(?:search|find|look (?:for|up|through)|collect|gather|retrieve|extract|fetch|locate|harvest|scan|take|read|open|get|list) (?s:.{{0,60}}?){_SECRETS} (?s:.{{0,60}}?)\b(?:and|then|,|;) (?:then |please |immediately |silently |finally )*"
            r"(?:send|forward|e-?mail|post|upload|transmit|submit|share|copy|export|append|embed|include|encode|put|reply with|report|give|dump|paste|message)\b(?s:.{0,40}?)(?:[\w.+-]{1,64}@[\w-]{1,63}\.|https?://|\bwww\.)"
        ),
    ),
    Rule(
        "find-and-send",
        "exfiltration",
        0.68,
        "search|find|look|collect|gather|retrieve|extract|fetch|locate|harvest|scan|take|read|open|get|list & password|passphrase|credential|api|apikey|key|keys|secret|token|tokens|private|ssh|cookie|cookies|card|bank|social|ssn|iban|pin|pins|code|codes|otp|otps|login|environment|env|id|conversation|chat|system|contact|address|inbox|medical|personal|confidential|customer|user|users|payroll|source|database|memory|pass & send|forward|email|e|post|upload|transmit|submit|share|copy|export|append|embed|include|encode|reply|report|give|dump|paste|message|put",
        phrase(
            rf"\b(?:search|find|look (?:for|up|through)|collect|gather|retrieve|extract|fetch|locate|harvest|scan|take|read|open|get|list) (?s:.{{0,60}}?){_SECRETS} (?s:.{{0,60}}?)\b(?:and|then|,|;) (?:then |please |immediately |silently |finally )*"
            r"(?:send|forward|e-?mail|post|upload|transmit|submit|share|copy|export|append|embed|include|encode|put|reply with|report|give|dump|paste|message)\b"
        ),
    ),
    Rule(
        "forward-all-mail",
        "exfiltration",
        0.75,
        "forward|send|email|e|share|copy|bcc|upload|export & all|every|each|entire|whole|full|complete|any & @|http|https|www|com|net|org|io|xyz|ru|cn|info|example|test|invalid|evil|site|online|top|me|co|webhook|address|url|link|server|endpoint|number|attacker|email|mail",
        phrase(
            r"\b(?:forward|send|e-?mail|share|copy|bcc|upload|export) (?:a copy of |copies of |me |us |over )*(?:all|every|each|the (?:entire|whole|full|complete)|any) (?:of )?(?:the |my |your |their |his |her |these |those |user'?s? |recent |unread |previous |future |incoming |private |internal )*(?:e-?mails?|messages?|mail|contacts?|inbox|conversation|history) (?s:.{0,50}?)\b(?:to|at|with|into|via) (?s:.{0,20}?)(?:[\w.+-]{1,64}@[\w-]{1,63}\.|https?://)"
        ),
    ),
    Rule(
        "forward-all",
        "exfiltration",
        0.65,
        "forward|send|email|e|share|copy|bcc|upload|export & all|every|each|entire|whole|full|complete|any & @|http|https|www|com|net|org|io|xyz|ru|cn|info|example|test|invalid|evil|site|online|top|me|co|webhook|address|url|link|server|endpoint|number|attacker|email|mail",
        phrase(
            rf"\b(?:forward|send|e-?mail|share|copy|bcc|upload|export) (?:a copy of |copies of |me |us |over )*(?:all|every|each|the (?:entire|whole|full|complete)|any) (?:of )?(?:the |my |your |their |his |her |these |those |user'?s? |recent |unread |previous |future |incoming |private |internal )*(?:e-?mails?|messages?|mail|files?|documents?|data|contacts?|inbox|conversation|records?|invoices?|attachments?|history|folder|drive|calendar|notes?|database) (?s:.{{0,50}}?)\b(?:to|at|with|into|via) (?s:.{{0,20}}?){_PLACE}"
        ),
    ),
    Rule(
        "image-with-data",
        "exfiltration",
        0.85,
        "](http|src|href",
        exact(
            r"(?:!?\[[^\]\n]{0,80}\]\(|<img[^>]{0,80}src\s*=\s*[\"']?|href\s*=\s*[\"']?)https?://[^\s)\"'>]{0,120}[?&/=](?:[a-z_]{1,20}=)?(?:\{|\[|<|%7b|%5b|\$\{|\$\()[^\s)\"'>}\]]{0,60}"
        ),
    ),
    Rule(
        "render-picture",
        "exfiltration",
        0.8,
        "http|https|www & image|images|picture|pictures|markdown|link|links|pixel|url & render|insert|include|add|display|embed|show|output|load|write|append|put|create|fetch|use|end",
        phrase(
            r"(?:render|insert|include|add|display|embed|show|output|load|write|append|put|create|fetch|use|end)(?s:.{0,30}?)(?:images?|pictures?|markdown|links?|pixel|url)(?s:.{0,80}?)(?:https?://|\bwww\.)(?s:.{0,80}?)\b(?:replace|replacing|with|where|containing|contains|encod|append|as (?:a |the )?(?:query|parameter)|filled|fill|substitut|is the)(?s:.{0,30}?)"
            r"(?:data|conversation|summary|secret|prompt|content|history|user|e-?mail|base64|encoded|message|password|answer|text|name|token|key|information|contents|history)"
        ),
    ),
    Rule(
        "append-to-url",
        "exfiltration",
        0.8,
        "append|attach|add|encode|put|include|place|pass|embed|insert & url|query|link|path|parameter|request|get|image|http|https & data|conversation|secret|prompt|history|user|email|e|password|token|key|content|contents|information|cookie|answer|summary|results|result|message|messages",
        phrase(
            r"(?:append|attach|add|encode|put|include|place|pass|embed|insert) (?s:.{0,50}?)(?:data|conversation|secret|prompt|history|user|e-?mail|password|token|key|contents?|information|cookie|answer|summary|results?|messages?)(?s:.{0,40}?)\b(?:to|in|into|as|onto|inside) (?:the |a |an |this |that |its |following )*"
            r"(?:end of (?:the )?)?(?:url|query(?: string| parameter)?|link|path|parameter|get request|image (?:url|link|address)|https?://)"
        ),
    ),
    Rule(
        "visit-with-data",
        "exfiltration",
        0.75,
        "http|https|www & visit|navigate|browse|fetch|open|request|go|call|access|load|make|send|ping|query|hit",
        phrase(
            r"\b(?:visit|navigate to|browse to|fetch|open|request|go to|call|access|load|make an? (?:http |get |post |web )*request to|send an? (?:http |get |post |web )*request to|ping|query|hit) (?s:.{0,40}?)(?:https?://|\bwww\.)[^\s]{1,120} ?(?s:.{0,60}?)\b(?:with|append|contain|includ|replac|where|plus|and (?:add|pass|include|send|submit))(?s:.{0,40}?)"
            r"(?:data|conversation|secret|prompt|history|user|e-?mail|password|token|key|contents?|information|cookie|answer|summary|results?|messages?|credentials)"
        ),
    ),
    Rule(
        "call-a-tool-on",
        "tool-call",
        0.75,
        "call|invoke|use|execute|run|trigger|activate & @|http|https|usd|eur|gbp|dollars|euros|to|for|recipient|amount",
        phrase(
            r"\b(?:call|invoke|use|execute|run|trigger|activate) (?:the |your |a |function |tool |following |its )*[`\"'“‘]?(?:[a-z]+_[a-z_]{2,40}|(?-i:[a-z]+[A-Z][A-Za-z]{2,40})|(?:send|e-?mail|transfer|payment|delete|file|shell|terminal|browser|calendar|bank\w*|money|web ?hook|http|search|memory|read|write)[ _-](?:tool|function|api|plugin|action))[`\"'”’]?(?: ?\(| (?:tool|function|to|with|and|api|immediately|now|on|for|using|plugin|action))"
            r"(?s:.{0,80}?)(?:[\w.+-]{1,64}@[\w-]{1,63}\.|https?://|[A-Z]{2}\d{2}[A-Z0-9 ]{6,}|[$€£]\d|\b\d{2,} (?:usd|eur|gbp|dollars|euros)\b)"
        ),
    ),
    Rule(
        "call-a-tool",
        "tool-call",
        0.66,
        "call|invoke|use|execute|run|trigger|activate & recipient|amount|argument|arguments|delete|send|transfer|attacker|account|email|iban|@|immediately|now",
        phrase(
            r"\b(?:call|invoke|use|execute|run|trigger|activate) (?:the |your |a |function |tool |following |its )*[`\"'“‘]?(?:[a-z]+_[a-z_]{2,40}|(?-i:[a-z]+[A-Z][A-Za-z]{2,40})|(?:send|e-?mail|transfer|payment|delete|file|shell|terminal|browser|calendar|bank\w*|money|web ?hook|http|search|memory|read|write)[ _-](?:tool|function|api|plugin|action))[`\"'”’]?(?: ?\(| (?:tool|function|to|with|and|api|immediately|now|on|for|using|plugin|action))"
            r"(?s:.{0,80}?)(?:\b(?:recipients?|amount|arguments?|delete|send|transfer|attacker|account|e-?mail|iban|immediately|now)\b|@)"
        ),
    ),
    Rule(
        "move-money",
        "tool-call",
        0.62,
        "transfer|wire|send|pay|donate|remit & to|into|for & account|iban|wallet|@|address|recipient|paypal|attacker|0x|bc1|1|2|3|4|5|6|7|8|9|0",
        phrase(
            r"(?:^|[.!:;,\n>*\"'(]|please|then|now|must|to|and|should|immediately|first|you|assistant|also|instead) (?:please |immediately |also |now |then |first |kindly )*(?:transfer|wire|send|pay|donate|remit) (?:the amount of |a payment of |exactly |at least |me |all |about )*"
            r"(?:[$€£¥]|usd|eur|gbp|btc|eth|\d)(?s:.{0,40}?)\b(?:to|into|for) (?:the |my |this |an? |our )?(?s:.{0,25}?)(?:account|iban|wallet|[A-Z]{2}\d{2}[ A-Z0-9]{8,}|0x[0-9a-f]{6,}|bc1|@|address|recipient|paypal|attacker)"
        ),
    ),
    Rule(
        "destroy",
        "tool-call",
        0.6,
        "delete|erase|wipe|destroy|purge|remove & all|every|everything|entire|whole|each",
        phrase(
            r"(?:^|[.!:;,\n>*\"'(]|please|then|now|must|and|immediately|first|you should|assistant|instead) (?:please |immediately |also |now |then |first |silently |go ahead and |permanently )*(?:delete|erase|wipe|destroy|purge|remove) (?:all|every|everything|the (?:entire|whole)|each)"
            r" (?:of )?(?:the |my |your |their |user'?s? |his |her |existing |stored |local |remote |in |from )*(?:files?|e-?mails?|messages?|data(?:base)?s?|records?|backups?|documents?|folders?|accounts?|events?|logs?|tables?|contacts?|calendar|disk|drive|repositor(?:y|ies)|history|everything|inbox|home|content)"
        ),
    ),
    Rule(
        "grant-access",
        "tool-call",
        0.6,
        "grant|give|add|invite|promote|assign|share|set|disable|turn|deactivate|remove|switch & access|right|rights|privilege|permission|role|filter|filters|check|checks|control|controls|setting|measure|measures|guard|guards|feature|features|authentication|log|logs|logging|protection|scanner|scanning|software|system|systems",
        phrase(
            r"(?:^|[.!:;,\n>*\"'(]|please|then|now|must|and|immediately|first|assistant|instead) (?:please |immediately |also |now |then |silently )*(?:grant|give|add|invite|promote|assign|share|set) (?s:.{0,40}?)(?:admin(?:istrator)?|root|owner|full|write|edit(?:or)?|super ?user|unrestricted|sudo) (?:access|rights?|privileges?|permissions?|role)"
            r"|(?:disable|turn off|deactivate|remove|switch off) (?:the |all |any |your |every )*(?:safety|security|content|two-?factor|2fa|multi-?factor|moderation|audit|logging|firewall|antivirus|monitoring|spam|virus)(?: [a-z]+)? ?(?:filters?|checks?|controls?|settings?|measures?|guards?|features?|authentication|log(?:s|ging)?|protections?|scann?(?:er|ing)|software|systems?)"
        ),
    ),
    Rule(
        "run-backdoor",
        "command-execution",
        0.8,
        "curl|wget|rm|base64|base|powershell|iex|invoke|nc|ncat|netcat|/dev/tcp|mkfs|:()|.ssh|os|subprocess|exec|eval|cat",
        exact(
            r"base64\s+(?:-d|--decode|-D)[^\n]{0,60}\|\s*(?:ba|z)?sh|powershell(?:\.exe)?\s+[^\n]{0,60}-e(?:nc|ncodedcommand)?\b|\biex\s*\(|invoke-expression|"
            r"\b(?:nc|ncat|netcat)\s+[^\n]{0,40}-e\s|/dev/tcp/|mkfs\.|:\(\)\s*\{\s*:\|:|>>?\s*~?/?[^\s]{0,30}\.ssh/authorized_keys|(?:curl|wget)\s[^\n]{0,120}(?:\$\(|`|-d\s*@|--data(?:-binary)?\s+@|--post-file|-F\s+[\"']?\w+=@)|"
            r"(?:os\.system|subprocess\.(?:run|call|Popen|check_output)|exec|eval)\s*\([^\n)]{0,80}(?:(?:curl|wget)[^\n)]{0,120}\||rm -rf [\"']?[~/*.$]|base64|__import__|/etc/passwd|https?://)|cat\s+[^\n|]{0,60}(?:/etc/passwd|id_rsa|\.env|credentials)[^\n|]{0,20}\|"
        ),
    ),
    Rule(
        "run-command",
        "command-execution",
        0.55,
        "curl|wget|rm|sh|bash|zsh|dash",
        exact(
            r"(?:curl|wget)\s[^\n|;]{0,160}\|\s*(?:sudo\s+)?(?:(?:ba|z|da|k)?sh|python3?|perl|ruby|node|iex)\b|\b(?:ba|z|da)?sh\s+-c\s+[\"\x27]?\$\((?:curl|wget)|\brm\s+-(?:rf|fr|r\s+-f)\s+[\"']?[~/*.$]"
        ),
    ),
    Rule(
        "agent-runs-command",
        "command-execution",
        0.75,
        "curl|wget|rm|bash|sh & agent|assistant|ai|model|bot|copilot|you|environment",
        exact(
            r"\b(?:agent|assistant|ai|model|bot|copilot|if you have (?:a )?(?:shell|terminal|access))\b[^\n]{0,80}\b(?:run|runs|execute|executes|paste|pipe|type)\b[^\n]{0,80}?(?:(?:curl|wget)\s[^\n]{0,120}(?:\||bash|\bsh\b)|\brm\s+-(?:rf|fr)|https?://[^\s]{1,80}\s+(?:in)?to (?:bash|sh)\b|\|\s*(?:ba)?sh\b)"
        ),
    ),
    Rule(
        "run-this",
        "command-execution",
        0.65,
        "curl|wget|rm|sudo|bash|http|https|chmod|sh|ps1|base|base64|eval & run|execute|type|paste|enter",
        phrase(
            r"(?:^|[.!:;,\n>*\"'(]|please|then|now|must|and|immediately|first|should|assistant) (?:please |immediately |also |now |then |silently |open a terminal and |go ahead and )*(?:run|execute|type|paste|enter) (?:the |this |these |following |below |in )*(?:shell |terminal |bash |system |command(?:s)? |code |script |python |powershell )+(?s:.{0,60}?)(?:curl|wget|rm -|sudo|bash|https?://|chmod|\.sh\b|\.ps1|base64|eval)"
        ),
    ),
    Rule(
        "decode-and-follow",
        "encoded-payload",
        0.85,
        "decode|decipher|decrypt|unscramble|unbase|base|un|translate|reverse|convert|interpret|obfuscate|deobfuscate|decompress|read & execute|follow|obey|perform|carry|do|run|comply|act|apply|answer|respond|treat & and|then|before|to|,|;",
        phrase(
            r"(?:decode|decipher|decrypt|unscramble|un-?base64|de-?obfuscate|decompress)\b(?s:.{0,80}?)\b(?:and|then|,|;|before|to) (?:then |immediately |silently |please |strictly |to )*(?:execute|follow|obey|perform|carry out|do (?:what|as|exactly|it)|run|comply|act on)"
            r" ?(?:it|them|the|what|that|this|as|to|all|any|its|with|on|instructions?|result|exactly)?"
        ),
    ),
    Rule(
        "read-and-follow",
        "encoded-payload",
        0.5,
        "decode|decipher|decrypt|unscramble|unbase|base|un|translate|reverse|convert|interpret|obfuscate|deobfuscate|decompress|read & execute|follow|obey|perform|carry|do|run|comply|act|apply|answer|respond|treat & and|then|before|to|,|;",
        phrase(
            r"(?:decode|decipher|decrypt|unscramble|un-?base64|translate|reverse|convert|interpret|de-?obfuscate|decompress|read)\b(?s:.{0,80}?)\b(?:and|then|,|;|before|to) (?:then |immediately |silently |please |strictly |to )*(?:execute|follow|obey|perform|carry out|do (?:what|as|exactly|it)|run|comply|act on|apply|answer|respond|treat)"
            r" ?(?:it|them|the|what|that|this|as|to|all|any|its|with|on|instructions?|result|exactly)?"
        ),
    ),
    Rule(
        "follow-the-encoded",
        "encoded-payload",
        0.8,
        "base|base64|rot|rot13|hex|hexadecimal|morse|encoded|cipher|ciphered|encrypted|obfuscated|reversed|backwards|url & instruction|command|text|message|payload|string|orders|order|directive",
        phrase(
            r"(?:follow|execute|obey|perform|carry out|run|apply|comply with) (?:the |these |this |all |my |following |hidden |secret )*(?:base ?64|rot ?13|hex(?:adecimal)?|morse(?: code)?|encoded|cipher(?:ed)?|encrypted|obfuscated|reversed|backwards|url)(?:[ -]encoded)? (?:encoded )?(?:instructions?|commands?|text|message|payload|string|orders?|directives?)"
        ),
    ),
    Rule(
        "rate-me",
        "ai-addressed",
        0.65,
        "give|assign|award|rate|rank|score|mark|evaluate|recommend|select|choose|approve|accept|hire|report & highest|best|top|maximum|perfect|full|10|5|100|positive|positively|first|qualified|strongest|excellent|strong",
        phrase(
            r"(?:give|assign|award|rate|rank|score|mark|evaluate|recommend|select|choose|approve|accept|hire|report) (?:this|me|it|the (?:applicant|candidate|product|paper|author|submission|resume|cv|review|vendor|company|seller|item)) (?s:.{0,30}?)(?:the )?(?:highest|best|top|maximum|perfect|full|10/10|5/5|100|positive(?:ly)?|first|most qualified|strongest|excellent|strong accept) (?s:.{0,40}?)"
            r"(?:regardless|no matter|irrespective|ignore|whatever|in all cases|without (?:mention|regard|consider)|only|do not (?:mention|consider)|must|always|and (?:do not|never|ignore))"
        ),
    ),
    Rule(
        "link-lure",
        "tool-call",
        0.6,
        "tell|inform|instruct|advise|ask|convince|direct|persuade|notify|urge|recommend|encourage|get|remind & user|users|reader|customer|human|person|them",
        phrase(
            r"(?:tell|inform|instruct|advise|ask|convince|direct|persuade|notify|urge|recommend(?: that)?|encourage|get|remind) (?:the )?(?:user|reader|customer|human|person|them) (?:that |to |they )*(?s:.{0,100}?)(?:(?:visit|click|go to|log ?in|sign in|download|install|call|open|verify|enter|re-?enter|update|buy|pay|send|provide|reset|contact)\b)(?s:.{0,60}?)(?:https?://|\bwww\.|[\w-]+\.(?:com|net|org|io|xyz|ru|info|site|online|top|example|test)\b|password|card|account|credentials|\+?\d[\d -]{7,})"
        ),
    ),
)
