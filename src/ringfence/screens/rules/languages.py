"""The rules for dropping earlier orders, leaking the prompt and keeping silent, in other languages than English.

Its one rule: the same three shapes in each language: verb, time, orders; verb, own prompt; not, tell, user. Accents are
optional, since they are often left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from ringfence.screens.rules.rule import Rule, phrase


@final
@dataclass(frozen=True, slots=True)
class _Language:
    """`words` as those of a rule, for all of them; `drop` the verbs, `every` and `yours` (all of them, the reader's own), `informal` the verbs as they are said to one who is no stranger, `above`, `earlier` and `orders` in either order, `rules` what games and houses have, too; `leak` and `prompt`; `silent` a whole phrase."""

    name: str
    words: str
    drop: str
    every: str
    yours: str
    informal: str
    above: str
    earlier: str
    orders: str
    rules: str
    leak: str
    prompt: str
    silent: str
    now: str


_WORDS: Final = (
    _Language(
        "german",
        "ignorier|missacht|vergiss|vergess|übergeh|verwirf|verwerf|beacht|überschreib|system-prompt|systemprompt|systemanw|systemnach|anweisung|instruktion|nutzer|benutzer|anwender|niemand|du bist|sie sind|ab sofort|ab jetzt & der|die|das|alle|allen|alles|nicht|nichts|dem|den|ein|eine|deine|deinen|dein|ihre|ihren|sie|du|bist|nutzer|benutzer|vorherigen|und|bisherigen|anweisungen",
        r"ignorier\w*|missachte\w*|vergiss|vergesst|vergessen sie|übergeh\w*|verwirf|verwerfen|beachte\w* (?:nicht|keine)|überschreib\w*",
        r"alle[nsm]?|jegliche\w*|s[aä]mtliche\w*",
        r"deine\w*|dir",
        r"ignoriere\b|missachte\b|vergiss\b|übergehe\b",
        r"obig\w*|oben",
        r"vorherig\w*|bisherig\w*|vorangegangen\w*|fr[uü]here?n?|obig\w*|vorig\w*|urspr[uü]nglich\w*|alten?|oben|deine|ihre|zuvor|bisher",
        r"anweisung\w*|instruktion\w*|befehl\w*|vorgabe?n?\w*|richtlinien|anordnung\w*|aufgabe\w*|prompts?",
        r"regeln?",
        r"zeig\w*|verrat\w*|gib|nenn\w*|wiederhol\w*|offenbar\w*|drucke|schreib\w*|übersetz\w*|ausgeben",
        r"(?:deine?n?|ihre?n?|den|die) (?:geheimen? |versteckten? |urspr[uü]nglichen? |kompletten? |vollst[aä]ndigen? )*(?:system-?prompts?|systemanweisung\w*|systemnachricht|anweisungen|instruktionen)",
        r"(?:sag\w*|verrat\w*|erz[aä]hl\w*|erw[aä]hn\w*|informier\w*|teile?)(?s:.{0,20}?)(?:nutzer|benutzer|anwender)(?s:.{0,20}?)(?:nichts|nicht|davon|dies)",
        r"du bist (?:jetzt|nun|ab sofort)|sie sind (?:jetzt|nun|ab sofort)|ab (?:sofort|jetzt)(?: bist du| musst du| befolgst du)",
    ),
    _Language(
        "french",
        "ignor|oubli|neglig|néglig|compte|abandonn|remplac|système|systeme|initial|caché|cache|secr|utilisat|personne|client|tu es|vous êtes|vous etes|à partir|a partir & les|le|la|des|toutes|tous|vos|tes|votre|ton|ne|tu|vous|ces|mes|l|ce|cette|partir",
        r"ignor(?:e|ez|er)|oubli(?:e|ez|er)|n[eé]glig(?:e|ez|er)|ne (?:tiens?|tenez) (?:pas|aucun) compte|abandonn(?:e|ez)|remplac(?:e|ez)",
        r"toutes|tous|tout",
        r"tes|ton",
        r"ignore\b|oublie\b|n[eé]glige\b|ne tiens (?:pas|aucun) compte|abandonne\b",
        r"ci-dessus|plus haut",
        r"pr[eé]c[eé]dente?s?|ant[eé]rieure?s?|ci-dessus|initiale?s?|d'origine|originales?|jusqu'ici|plus haut|pass[eé]e?s|tes|vos",
        r"instructions?|consignes?|directives?|ordres?|commandes?|prompts?",
        r"r[eè]gles?",
        r"r[eé]v[eè]l(?:e|ez|er)|montr(?:e|ez)|affich(?:e|ez)|r[eé]p[eè]t(?:e|ez)|donn(?:e|ez)|imprim(?:e|ez)|divulgu(?:e|ez)",
        r"(?:ton|votre|le|tes|vos|l'|les) ?(?:prompt|invite|message|instructions|consignes)(?: (?:de |du )?(?:syst[eè]me|initiale?s?|cach[eé]e?s?|secr[eè]te?s?))",
        r"ne (?:le |la |les |lui |leur |rien |)?(?:dis|dites|mentionn\w*|r[eé]v[eè]l\w*|inform\w*|parl\w*|pr[eé]ven\w*)(?s:.{0,25}?)(?:utilisateur|utilisatrice)",
        r"tu es (?:maintenant|d[eé]sormais)|vous [eê]tes (?:maintenant|d[eé]sormais)|[aà] partir de maintenant,? (?:tu|vous)",
    ),
    _Language(
        "spanish",
        "ignor|olvid|descart|omit|no sigas|no hagas|no obedezcas|desobedec|caso omiso|sistema|inicial|ocult|secret|usuari|nadie|cliente|ahora & las|los|el|la|tus|sus|tu|su|todas|todos|no|le|lo|al|ahora|usted|eres",
        r"ignor(?:a|e|en|ar|ad)|olvid(?:a|e|en|ar|ad)|descart(?:a|e|ar)|omit(?:e|a|ir)|no (?:sigas|hagas caso a|obedezcas)|desobedec\w*|haz caso omiso",
        r"tod[ao]s|cualquier",
        r"tus?",
        r"ignora\b|olvida\b|descarta\b|no (?:sigas|hagas caso a|obedezcas)",
        r"de arriba",
        r"anterior(?:es)?|previ[ao]s?|precedentes?|originales|iniciales|de arriba|hasta ahora|pasad[ao]s|tus|sus",
        r"instrucci[oó]n(?:es)?|[oó]rden(?:es)?|directrices|indicaciones|comandos|prompts?",
        r"reglas?|normas",
        r"revela|muestra|muestre|imprime|repite|dime|d[ií]game|ense[nñ]a|escribe|divulga",
        r"(?:tu|su|el|tus|sus|las) (?:prompt|mensaje|instrucciones|indicaciones)(?: (?:del? |oculto |secreto )?(?:sistema|iniciale?s?|ocult[ao]s?|secret[ao]s?))",
        r"no (?:le |se lo |lo |les )?(?:digas|diga|menciones|mencione|reveles|informes|cuentes|avises)(?s:.{0,25}?)(?:usuario|usuaria)",
        r"ahora eres|usted es ahora|a partir de ahora,? (?:eres|debes|ser[aá]s|act[uú]as)",
    ),
    _Language(
        "italian",
        "ignor|dimentic|trascur|non seguire|non considerare|scart|sistema|inizial|nascost|segret|utente|nessuno|cliente|ora |adesso|d'ora & le|il|la|gli|i|tutte|tutti|tuo|tue|non|sei|questo|al|all",
        r"ignor(?:a|are|i|ate)|dimentic(?:a|are|hi|ate)|trascur(?:a|are)|non (?:seguire|considerare)|scart(?:a|are)",
        r"tutt[eio]|ogni",
        r"tu[oe]i?",
        r"dimentica\b|trascura\b",
        r"(?:di cui )?sopra",
        r"precedent[ei]|anterior[ei]|di cui sopra|sopra|original[ei]|inizial[ei]|finora|tue|sue",
        r"istruzion[ei]|direttive?|ordin[ei]|comand[oi]|indicazion[ei]|prompt",
        r"regole?",
        r"rivela|mostra|stampa|ripeti|dimmi|scrivi|divulga",
        r"(?:il tuo|il suo|le tue|le sue|il|le) (?:prompt|messaggio|istruzioni)(?: (?:di |del )?(?:sistema|inizial[ei]|nascost[oe]|segret[oe]))",
        r"non (?:dire|menzionare|rivelare|informare|dirlo|avvisare|parlarne)(?s:.{0,25}?)(?:utente)",
        r"(?:ora|adesso) sei|d'ora in poi,? (?:sei|devi|sarai)|da (?:ora|adesso) (?:in poi )?(?:sei|devi)",
    ),
    _Language(
        "portuguese",
        "ignor|esque|desconsider|despreze|não siga|nao siga|obede|sistema|inicia|ocult|secret|usuári|usuari|ninguém|ninguem|cliente|utilizador|agora & as|os|o|a|todas|todos|seu|sua|suas|não|nao|você|voce|tu|ao|agora|instruções|instrucoes",
        r"ignor(?:e|a|em|ar)|esque[cç](?:a|e|am|er)|desconsider(?:e|a|ar)|despreze|n[aã]o (?:siga|obede[cç]a)",
        r"tod[ao]s|qualquer",
        r"tuas?|teus?|seus|suas",
        r"esquece\b|ignora\b",
        r"acima",
        r"anterior(?:es)?|pr[eé]vi[ao]s?|acima|originais|iniciais|at[eé] agora|precedentes|suas|tuas",
        r"instru[cç](?:[aã]o|[oõ]es)|ordens|diretrizes|comandos|orienta[cç][oõ]es|prompts?",
        r"regras",
        r"revele|mostre|imprima|repita|diga|escreva|exiba|divulgue",
        r"(?:seu|sua|suas|o|as|teu|tuas) (?:prompt|mensagem|instru[cç][oõ]es)(?: (?:d[eo] |ocult[ao]s? )?(?:sistema|inicia(?:l|is)|ocult[ao]s?|secret[ao]s?))",
        r"n[aã]o (?:conte|diga|mencione|revele|informe|avise)(?s:.{0,25}?)(?:usu[aá]ri[ao]|utilizador)",
        r"(?:agora|a partir de agora),? (?:voc[eê]|tu) (?:[eé]|deve|ser[aá])|voc[eê] agora [eé]",
    ),
    _Language(
        "dutch",
        "negeer|vergeet|sla |laat|volg |systeem|instructies|gebruiker|niemand|je bent|u bent|vanaf nu & de|het|alle|je|jouw|uw|u|niet|niets|een|deze",
        r"negeer|vergeet|sla (?:alle )?|laat|volg (?:niet|geen)",
        r"alle|alles",
        r"jouw|je",
        r"negeer jouw",
        r"bovenstaande|hierboven",
        r"vorige|eerdere|voorgaande|bovenstaande|oorspronkelijke|hierboven|boven|je|uw",
        r"instructies?|opdrachten|richtlijnen|bevelen|aanwijzingen|prompts?",
        r"regels",
        r"toon|onthul|herhaal|geef|print|vertel|schrijf",
        r"(?:je|jouw|uw|de) (?:geheime |verborgen |oorspronkelijke )*(?:systeem-?prompt|systeeminstructies?|systeembericht|instructies)",
        r"(?:vertel|zeg|meld|vermeld|laat)(?s:.{0,20}?)(?:gebruiker)(?s:.{0,20}?)(?:niet|niets|hiervan|hierover)|zonder (?:het )?(?:aan )?de gebruiker",
        r"je bent (?:nu|vanaf nu)|u bent (?:nu|vanaf nu)|vanaf nu (?:ben je|moet je)",
    ),
    _Language(
        "polish",
        "ignoruj|zapomnij|pomiń|pomin|odrzu|prompt|instrukcj|wiadomo|użytkownik|uzytkownik|nikomu|klient|jesteś teraz|jestes teraz|od teraz & wszystkie|wszystkich|poprzednie|poprzednich|nie|swój|twój|swoje|twoje|swoj|twoj|od|jesteś|jestes|instrukcje|polecenia",
        r"zignoruj\w*|ignoruj\w*|zapomnij\w*|pomi[nń]\w*|odrzu[cć]\w*",
        r"wszystki\w*",
        r"swo(?:je|ich|im)|two(?:je|ich|im)",
        r"zignoruj\b|zapomnij\b|pomi[nń]\b",
        r"powy[zż]sz\w*",
        r"poprzedni\w*|wcze[sś]niejsz\w*|powy[zż]sz\w*|dotychczasow\w*|pierwotn\w*|twoje",
        r"instrukcj\w*|polece\w*|wytyczn\w*|rozkaz\w*|prompt\w*",
        r"zasad\w*|regu[lł]\w*",
        r"poka[zż]\w*|ujawnij\w*|wypisz|powt[oó]rz\w*|podaj|wy[sś]wietl",
        r"(?:sw[oó]j|tw[oó]j|swoje|twoje) (?:prompt|instrukcje|wiadomo[sś][cć])(?: (?:systemow\w*|pocz[aą]tkow\w*|ukryt\w*))",
        r"nie (?:m[oó]w\w*|informuj\w*|wspominaj\w*|ujawniaj\w*)(?s:.{0,25}?)(?:u[zż]ytkownik\w*)",
        r"(?:jeste[sś] teraz|od teraz (?:jeste[sś]|musisz))",
    ),
    _Language(
        "russian",
        "игнорируй|забудь|забыть|отбрось|не след|не обращ|пренебрег|отмени|системн|скрыт|секретн|исходн|первоначальн|пользовател|никому|клиент|теперь|отныне|с этого момента",
        r"игнорируй\w*|проигнорируй\w*|забудь\w*|забыть|отбрось\w*|не (?:следуй|обращай)\w*|пренебреги\w*|отмени\w*",
        r"все|всех|любые",
        r"свои|своих|твои|твоих",
        r"игнорируй|проигнорируй|забудь|отбрось|не следуй",
        r"вышеуказанн\w*|выше",
        r"предыдущ\w*|прежн\w*|вышеуказанн\w*|прошл\w*|предшествующ\w*|исходн\w*|выше|ранее|свои|твои|все",
        r"инструкци\w*|указани\w*|команд\w*|приказ\w*|распоряжени\w*|промпт\w*|директив\w*",
        r"правил\w*",
        r"покажи\w*|раскрой\w*|выведи\w*|повтори\w*|напиши\w*|сообщи\w*|назови\w*",
        r"(?:свой|твой|свои|твои|ваш|ваши) (?:системн\w*|скрыт\w*|секретн\w*|исходн\w*|первоначальн\w*) (?:промпт\w*|инструкци\w*|сообщени\w*|подсказк\w*)",
        r"не (?:говори\w*|сообщай\w*|упоминай\w*|рассказывай\w*|раскрывай\w*|информируй\w*)(?s:.{0,30}?)(?:пользовател\w*)",
        r"(?:теперь ты|ты теперь|отныне ты|с этого момента ты|вы теперь)",
    ),
    _Language(
        "ukrainian",
        "ігноруй|забудь|відкинь|системн|прихован|користувач|нікому|тепер",
        r"ігноруй\w*|проігноруй\w*|забудь\w*|відкинь\w*",
        r"усі|всі",
        r"свої|твої",
        r"ігноруй|проігноруй|забудь",
        r"вищезазначен\w*",
        r"попередн\w*|вищезазначен\w*|минул\w*|початков\w*|усі|всі",
        r"інструкці\w*|вказівк\w*|команд\w*|наказ\w*",
        r"правил\w*",
        r"покажи|розкрий|виведи|повтори|напиши",
        r"(?:свій|твій|свої|твої) (?:системн\w*|прихован\w*) (?:промпт\w*|інструкці\w*|повідомлення)",
        r"не (?:кажи|повідомляй|згадуй|розповідай)\w*(?s:.{0,30}?)(?:користувач\w*)",
        r"(?:тепер ти|ти тепер|відтепер ти)",
    ),
    _Language(
        "turkish",
        "yok say|unut|görmezden|gormezden|dikkate alma|göz ard|goz ard|geçersiz|sistem|gizli|ilk |kullanıcı|kullanici|artık|artik|şu andan|su andan|bundan sonra & tüm|tum|bütün|butun|önceki|onceki|talimatları|talimatlari|sistem|gizli|kullanıcıya|kullaniciya|artık|artik|sen|ilk|andan",
        r"yok say\w*|unut\w*|g[oö]rmezden gel\w*|dikkate alma\w*|göz ard[ıi] et\w*|geçersiz say\w*",
        r"t[uü]m|b[uü]t[uü]n",
        r"kendi|sana verilen",
        r"yok say|unut",
        r"yukar[ıi]daki",
        r"[oö]nceki|yukar[ıi]daki|eski|ilk|orijinal|mevcut",
        r"talimat\w*|komut\w*|y[oö]nerge\w*|emir\w*|prompt\w*",
        r"kural\w*",
        r"g[oö]ster\w*|a[cç][ıi]kla\w*|yaz\w*|tekrarla\w*|s[oö]yle\w*",
        r"(?:sistem|gizli|ilk) (?:prompt\w*|talimat\w*|mesaj\w*|komut\w*|istem\w*)",
        r"kullan[ıi]c[ıi]\w*(?s:.{0,30}?)(?:s[oö]yleme\w*|bahsetme\w*|bildirme\w*|haber verme\w*)",
        r"art[ıi]k sen|[sş]u andan itibaren|bundan sonra sen",
    ),
    _Language(
        "chinese",
        "忽略|无视|忘记|忘掉|不要理会|无需遵守|不要遵循|跳过|忽視|無視|忘記|覆盖|系统|系統|初始|隐藏|内部|用户|任何人|使用者|客户|用戶|你现在|从现在|現在你",
        r"忽略|无视|忘记|忘掉|不要理会|无需遵守|不要遵循|跳过|忽視|無視|忘記|覆盖",
        r"所有|全部|一切|任何",
        r"你的|您的|给你的",
        r"你(?:要)?忽略|你(?:要)?忘记",
        r"上面|上述|以上",
        r"之前|以前|先前|上面|上述|以上|前面|此前|原有|原来|所有|之前的",
        r"指令|指示|提示词?|命令|指引",
        r"规则|要求|規則",
        r"显示|透露|输出|重复|告诉我|打印|公开|泄露|展示|顯示|輸出",
        r"(?:你的|您的|完整的?|原始的?|隐藏的?)*(?:系统|系統|初始|隐藏|内部)(?:的)?(?:提示词?|指令|消息|提示詞|设定|说明)",
        r"(?:不要|别|请勿|切勿|不得)(?:告诉|告知|通知|提醒|向|让|对)(?s:.{0,8}?)(?:用户|使用者|用戶)",
        r"你现在是|从现在开始[，,]?你|你现在不再|現在你是|从现在起",
    ),
    _Language(
        "japanese",
        "無視|忘れ|破棄|従わない|取り消|上書き|システム|初期|隠された|内部|ユーザー|利用者|誰|今から|これから|あなたは",
        r"無視|忘れ|破棄|従わない|取り消|上書き",
        r"すべて|全て|全部|あらゆる",
        r"あなた",
        r"無視しろ|忘れろ|無視せよ",
        r"上記の",
        r"以前の|これまでの|上記の|前の|今までの|先ほどの|元の|すべての|全ての|あなたの",
        r"指示|命令|プロンプト|制約",
        r"ルール|規則|設定",
        r"表示|教えて|出力|見せて|公開|繰り返|開示",
        r"(?:システム|初期|隠された|内部)(?:の)?(?:プロンプト|指示|メッセージ|命令)",
        r"(?:ユーザー|利用者)(?:に|には|にも)(?s:.{0,15}?)(?:言わない|伝えない|知らせない|話さない|教えない|報告しない|秘密)",
        r"あなたは今から|これからあなたは|今からあなたは|あなたはもう",
    ),
    _Language(
        "korean",
        "무시|잊|따르지|폐기|취소|시스템|초기|숨겨진|내부|사용자|누구|이제부터|지금부터|너는 이제|당신은 이제",
        r"무시|잊어|잊으|잊고|따르지 마|폐기|취소",
        r"모든|모두|전부",
        r"너의|당신의|네 ",
        r"무시해라|잊어라",
        r"위의|앞의",
        r"이전|위의|앞의|기존|지금까지|모든|앞선|원래",
        r"지시|명령|지침|프롬프트",
        r"규칙|설정",
        r"보여|알려|출력|공개|반복|말해",
        r"(?:시스템|초기|숨겨진|내부) ?(?:프롬프트|지시|메시지|명령|지침)",
        r"(?:사용자)(?:에게|한테|에게도)?(?s:.{0,15}?)(?:말하지 ?마|알리지 ?마|언급하지 ?마|비밀|알리지 않)",
        r"(?:이제부터|지금부터) (?:너는|당신은|넌)|너는 이제|당신은 이제",
    ),
    _Language(
        "arabic",
        "تجاهل|انس|تجاوز|لا تتبع|أهمل|الغ|النظام|الأصلية|السرية|المخفية|المستخدم|أحد|العميل|أنت الآن|من الآن|ابتداء",
        r"تجاهل|انس|انسَ|تجاوز|لا تتبع|أهمل|الغ",
        r"جميع|كل",
        r"تعليماتك|أوامرك",
        r"انس",
        r"أعلاه",
        r"السابقة|السابق|أعلاه|الأصلية|القديمة|الماضية|جميع|كل",
        r"التعليمات|تعليمات|الأوامر|أوامر|التوجيهات|الإرشادات",
        r"القواعد",
        r"اكشف|أظهر|اطبع|كرر|اعرض|أخبرني",
        r"(?:تعليمات|موجه|رسالة|أوامر) (?:النظام|الأصلية|السرية|المخفية)",
        r"لا (?:تخبر|تذكر|تبلغ|تقل|تكشف)(?s:.{0,25}?)(?:المستخدم)",
        r"أنت الآن|من الآن فصاعدا|ابتداء من الآن",
    ),
    _Language(
        "hindi",
        "अनदेख|नज़रअंदाज़|नजरअंदाज|भूल|उपेक्षा|सिस्टम|गुप्त|छिपे|आंतरिक|उपयोगकर्ता|यूज़र|किसी|अब ",
        r"अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल जा|भूल जाओ|अनदेखी|उपेक्षा",
        r"सभी|सारे|सारी",
        r"अपने|तुम्हारे|आपके",
        r"भूल जाओ|अनदेखा करो",
        r"ऊपर|उपरोक्त",
        r"पिछले|पिछली|पहले के|पूर्व|ऊपर|सभी|उपरोक्त",
        r"निर्देश|निर्देशों|आदेश|आदेशों|आज्ञा",
        r"नियम|नियमों",
        r"दिखाओ|दिखाएं|बताओ|बताएं|प्रकट|दोहराओ",
        r"(?:सिस्टम|गुप्त|छिपे|आंतरिक) (?:प्रॉम्प्ट|निर्देश|संदेश)",
        r"(?:उपयोगकर्ता|यूज़र)(?s:.{0,15}?)(?:मत बता|न बता|नहीं बता|मत कह)",
        r"अब तुम|अब आप|अब से (?:तुम|आप)",
    ),
)


def _rules(one: _Language) -> tuple[Rule, ...]:
    earlier, orders = f"(?:{one.earlier})", f"(?:{one.orders}|{one.rules})"
    told = rf"(?:{earlier}(?s:.{{0,30}}?)(?:{one.orders})|(?:{one.orders})(?s:.{{0,30}}?){earlier})"
    both = rf"(?:{earlier}(?s:.{{0,30}}?){orders}|{orders}(?s:.{{0,30}}?){earlier})"
    drop = rf"(?:(?:{one.drop})(?s:.{{0,30}}?){both}|{both}(?s:.{{0,20}}?)(?:{one.drop}))"
    every, yours = f"(?:{one.every})", f"(?:{one.yours})"
    own = (
        rf"(?:{one.drop})(?s:.{{0,20}}?){every}(?s:.{{0,20}}?){both}|{every}(?s:.{{0,20}}?){both}(?s:.{{0,20}}?)(?:{one.drop})"
        rf"|(?:{one.drop})(?s:.{{0,12}}?){yours}(?s:.{{0,25}}?){both}|{both}(?s:.{{0,12}}?){every}(?s:.{{0,12}}?)(?:{one.drop})"
    )
    own += (
        rf"|(?:{one.informal})(?s:.{{0,30}}?){told}|(?:{one.drop})(?s:.{{0,30}}?)(?:{one.above}) ?(?s:.{{0,12}}?){orders}"
        rf"|(?:{one.drop})(?s:.{{0,20}}?){orders}(?s:.{{0,12}}?)(?:{one.above})|(?:{one.above})(?s:.{{0,12}}?){orders}(?s:.{{0,20}}?)(?:{one.drop})"
    )
    leak = rf"(?:(?:{one.leak})(?s:.{{0,40}}?){one.prompt}|{one.prompt}(?s:.{{0,20}}?)(?:{one.leak}))"
    return (
        Rule(f"drop-earlier-orders-{one.name}", "instruction-override", 0.9, one.words, phrase(own)),
        # A letter to parents, too, asks to ignore earlier instructions; only those of a model are all of them.
        Rule(f"drop-something-earlier-{one.name}", "instruction-override", 0.62, one.words, phrase(drop)),
        Rule(f"leak-prompt-{one.name}", "prompt-leak", 0.8, one.words, phrase(leak)),
        Rule(f"do-not-tell-{one.name}", "concealment", 0.66, one.words, phrase(one.silent)),
        Rule(f"you-are-now-{one.name}", "role-confusion", 0.55, one.words, phrase(one.now)),
    )


LANGUAGES: Final = tuple(rule for one in _WORDS for rule in _rules(one))
