"""What walls say, in the languages of the web: each pattern is looked for in a page that says little else."""

from __future__ import annotations

import re

BOT_TITLES = re.compile(
    r"just a moment|attention required.*|(?:nur )?einen moment(?: bitte)?|un instant|un momento|um momento"
    r"|(?:een|één) moment(?: geduld)?|chwileczkę|один момент|минуточку|しばらくお待ちください"
    r"|请稍候|請稍候|잠시만 기다리(?:십시오|세요)|bir dakika lütfen|lütfen bekleyin|ett ögonblick|et øjeblik"
    r"|ddos-guard|access denied|zugriff verweigert|accès refusé|acceso denegado|acesso negado|accesso negato"
    r"|robot check|security check|please wait|human verification|pardon our interruption|sicherheitsabfrage",
    re.IGNORECASE,
)
"""Whole titles."""

_BOT_BY_LANGUAGE = (
    # English
    r"verify(?:ing)? (?:that )?you(?:['’]re| are) (?:a )?human|are you (?:a )?(?:robot|human)\b|not a robot\b"
    r"|checking (?:your browser|if the site connection)|security of your connection"
    r"|access (?:to this page has been )?denied|you have been blocked|(?:request|access) blocked"
    r"|pardon our interruption|think (?:that )?you (?:are|were|might be) a bot|unusual (?:traffic|activity)"
    r"|request unsuccessful|bot detection|ddos protection|press (?:&|and) hold|automated (?:requests|queries|tools)"
    r"|(?:solve|complete|enter) (?:the|this|a) captcha|enable (?:js|javascript) and (?:cookies|disable)"
    r"|security check (?:to|before)",
    # German
    r"dass sie (?:ein mensch|kein roboter)|sind sie ein (?:roboter|mensch)|bin kein roboter"
    r"|sicherheit ihrer verbindung|ungewöhnlich\w* (?:viele )?(?:anfragen|datenverkehr|aktivität|zugriffe)"
    r"|zugriff (?:verweigert|wurde (?:verweigert|gesperrt|blockiert))|browser wird (?:über|ge)prüft"
    r"|lösen sie das captcha",
    # French
    r"que vous êtes (?:un )?(?:être )?humain|(?:êtes|suis) pas un robot|êtes-vous un robot|sécurité de votre connexion"
    r"|activité (?:inhabituelle|suspecte)|trafic (?:inhabituel|suspect)|accès (?:refusé|bloqué|à cette page a été)",
    # Spanish, Portuguese, Italian
    r"que (?:usted )?(?:no )?(?:eres|es) un (?:ser humano|robot)|no soy un robot|seguridad de (?:su|tu) conexión"
    r"|(?:tráfico|actividad) inusual|acceso denegado|se você é humano|que (?:você )?(?:não )?é um (?:humano|robô)"
    r"|não sou um robô|segurança d[ae] sua (?:conexão|ligação)|acesso negado|tráfego incomum"
    r"|che (?:non )?sei un (?:essere umano|robot)|non sono un robot|sicurezza della (?:\w+ )?connessione"
    r"|accesso negato|traffico (?:anomalo|insolito)",
    # Dutch, Swedish, Norwegian, Danish
    r"of u een mens bent|dat (?:u|je) (?:een mens|geen robot) bent|ben geen robot|beveiliging van (?:uw|je) verbinding"
    r"|toegang geweigerd|att du (?:är en människa|inte är en robot)|at du (?:er et menneske|ikke er en robot)",
    # Polish, Czech, Russian, Ukrainian
    r"(?:czy|że) (?:jesteś człowiekiem|nie jesteś robotem)|nie jestem robotem|bezpieczeństwo (?:twojego )?połączenia"
    r"|odmowa dostępu|že jste člověk|nejsem robot|přístup odepřen|что вы (?:не робот|человек)|вы не робот|я не робот"
    r"|безопасность вашего подключения|запросы (?:с вашего устройства|отправляли вы)|проверка браузера"
    r"|доступ (?:ограничен|запрещ[её]н|заблокирован)|що ви (?:не робот|людина)|доступ обмежено",
    # Turkish, Arabic, Vietnamese, Indonesian
    r"insan olduğunuzu|robot değilim|robot olmadığınız|bağlantınızın güvenliği|erişim engellendi|لست (?:برنامج )?روبوت"
    r"|أنك إنسان|تم رفض الوصول|bạn là con người|không phải là (?:người máy|robot)|anda (?:adalah )?manusia|bukan robot",
    # Japanese, Chinese, Korean
    r"人間であることを|ロボットではありません|接続の(?:安全性|セキュリティ)|アクセスが(?:拒否|ブロック)"
    r"|(?:验证|驗證|确认|確認)[^。]{0,8}(?:真人|人类|人類|机器人|機器人)|人机验证|人機驗證|访问验证|(?:连接|連線)的安全性"
    r"|拒绝访问|사람인지 확인|사람임을 확인|로봇이 아닙니다|연결의? 보안|액세스가 거부|접근이 차단",
)

_CONSENT_BY_LANGUAGE = (
    r"before you continue|we (?:and our|use) [^.]{0,60}(?:partners|cookies)|we value your privacy|our \d+ partners"
    r"|cookie (?:consent|settings|policy)|privacy (?:gate|settings|choices)|manage (?:your )?(?:cookie|privacy|consent)"
    r"|information on (?:a|your) device|^\W*(?:cookie )?consent",
    r"(?:bevor|zustimmung|einwilligung|datenschutz)[^.]{0,60}(?:fortfahren|cookies|werbung|tracking)"
    r"|mit werbung (?:weiter|lesen|und tracking)|cookies (?:zustimmen|akzeptieren)|pur-(?:abo|zugang)"
    r"|informationen auf (?:einem|ihrem) gerät",
    r"nous (?:et nos|utilisons)[^.]{0,60}(?:partenaires|cookies)|nos \d* ?partenaires|continuer sans accepter"
    r"|accepter et (?:continuer|fermer)",
    r"utilizamos cookies|nuestros \d* ?socios|aceptar (?:y (?:continuar|cerrar)|cookies)|nossos \d* ?parceiros"
    r"|aceitar (?:tudo|todos os cookies)|accetta (?:e continua|i cookie)|nostri \d* ?partner|rifiuta e abbonati",
    r"(?:wij|we) (?:en onze|gebruiken)[^.]{0,60}(?:partners|cookies)|onze \d* ?partners"
    r"|vi (?:och våra|og våre|og vores|använder|bruker|bruger)[^.]{0,60}(?:partner|cookies|informasjonskapsler)",
    r"(?:nasi|naszymi|naszych) (?:zaufani )?partner|pliki cookies?|naši partneři|soubory cookie"
    r"|(?:файлы|файлів|файли) cookie|çerez|クッキー|cookieの使用|쿠키|我们使用 ?cookie|ملفات تعريف الارتباط",
)

_LOGIN_BY_LANGUAGE = (
    r"(?:log|sign) in to (?:continue|read|view|your account)|please (?:log|sign) in(?! a)|members? only|login required"
    r"|create (?:a free|an) account to|you must be logged in",
    r"(?:melden sie sich|bitte (?:einloggen|anmelden))|anmelden|einloggen|connectez-vous|vous devez être connecté"
    r"|inicia(?:r)? sesión|inicie sesión|(?:faça|fazer) (?:seu )?login|entre na sua conta|effettua il login|accedi per",
    r"log in om|inloggen om|logga in|logg inn|log ind for|kirjaudu sisään|zaloguj się|přihlaste se|jelentkezzen be"
    r"|войдите|авторизуйтесь|увійдіть|giriş yap|تسجيل الدخول|đăng nhập để|masuk untuk|ログイン|登录|登入|로그인",
)

_THING = r"(?:page|article|story|content|link)"
_MISSING_BY_LANGUAGE = (
    r"^\W*404\b|error 404|404 (?:error|page)|^\W*(?:page |article |file )?not found\W*(?:$|[|–-])"
    rf"|{_THING} (?:was |could )?not (?:be )?found|{_THING} (?:cannot|can['’]?t) be found"
    rf"|could(?:n['’]t| not) find (?:that|this|the|your) {_THING}|{_THING} (?:that )?you(?: are|['’]re) looking for"
    rf"|{_THING} (?:that )?you requested|{_THING} (?:doesn['’]?t|does not|no longer) exists?"
    rf"|{_THING} (?:is|has been|was) (?:no longer|removed|deleted|expired)"
    rf"|{_THING} no longer available|nothing was found at this location",
    r"(?:seite|artikel|inhalt|beitrag)[^.]{0,30}nicht (?:gefunden|mehr verfügbar|verfügbar)"
    r"|(?:seite|artikel|inhalt|beitrag) (?:existiert|gibt es) (?:leider )?nicht(?: \(?mehr)?"
    r"|(?:gewünschte|gesuchte|angeforderte|aufgerufene)[nrs]? (?:seite|artikel|inhalt|beitrag)|fehler 404",
    r"(?:page|article|contenu)[^.]{0,40}(?:n['’]existe (?:plus|pas)|introuvable|non trouvée?|n['’]est (?:plus|pas) "
    r"(?:disponible|accessible)|a été (?:supprimée?|déplacée?))|(?:page|article) que vous (?:re)?cherchez|erreur 404",
    r"(?:página|artículo|contenido|noticia)[^.]{0,40}(?:no (?:existe|se encuentra|está disponible|encontrad[ao])"
    r"|ya no (?:existe|está)|ha sido (?:eliminad|borrad|movid)[ao])|no (?:se )?encontr(?:ada|ado|amos)",
    r"(?:página|artigo|conteúdo|notícia)[^.]{0,40}(?:não (?:existe|encontrad[ao]|foi encontrad[ao]|está disponível)"
    r"|foi (?:removid|excluíd|movid)[ao])",
    r"(?:pagina|articolo|contenuto)[^.]{0,40}(?:non (?:esiste|è stat[ao] trovat[ao]|trovat[ao]|è (?:più )?disponibile)"
    r"|è stat[ao] (?:rimoss|spostat|cancellat)[ao])",
    r"(?:pagina|artikel)[^.]{0,30}(?:bestaat (?:helaas )?niet|niet (?:gevonden|beschikbaar))|pagina die (?:u|je) zoekt",
    r"(?:sidan|artikeln)[^.]{0,30}(?:finns inte|hittades inte|kan inte hittas|kunde inte hittas|har tagits bort)"
    r"|(?:siden|artikkelen|artiklen)[^.]{0,30}(?:finnes (?:dessverre )?ikke|findes ikke|bl[ei]v? ikke funnet"
    r"|blev ikke fundet|er (?:blitt )?(?:fjernet|slettet))|sivua ei (?:löy|ole)|etsimääsi sivua",
    r"stron[ay][^.]{0,40}(?:nie (?:istnieje|została znaleziona|znaleziono)|została usunięta)|nie znaleziono"
    r"|(?:stránk[au]|článek)[^.]{0,30}(?:nenalezen|neexistuje|nebyla? nalezen)",
    r"(?:страниц[аы]|материал|статья)[^.]{0,30}(?:не (?:найден|существует)|удал[её]н)|ошибка 404"
    r"|(?:сторінк[аиу]|матеріал)[^.]{0,30}(?:не (?:знайден|існує)|видален)",
    r"(?:sayfa|haber|içerik)\w*[^.]{0,30}(?:bulunamadı|mevcut değil|kaldırıl|silin)|không tìm thấy|tidak ditemukan"
    r"|الصفحة[^.]{0,40}(?:غير موجودة|لم يتم العثور|غير متوفرة)|صفحه[^.]{0,30}(?:یافت نشد|وجود ندارد)",
    r"(?:ページ|記事)[^。]{0,30}(?:見つかり|存在しない|存在しません|削除され|掲載期間)|(?:页面|頁面|网页|網頁|文章)[^。]{0,20}"
    r"(?:不存在|找不到|删除|刪除)|找不到|(?:페이지|기사)[^.]{0,20}(?:찾을 수 없|존재하지 않|삭제)",
)

_SCRIPT_BY_LANGUAGE = (
    r"(?:enable|activate|turn on|requires?|needs?) (?:your )?javascript|javascript (?:is|must be|needs to be)? ?"
    r"(?:disabled|enabled|required|turned off|switched off|not (?:enabled|available))",
    r"(?:aktivieren|aktiviere|einschalten|activer|activez|habilitar?|habilite|activar?|active|ativar?|ative|abilita"
    r"|attiva|abilitare|schakel|activeer|aktivera|aktiver|aktivér|włącz|povolte|zapněte|включите|увімкніть|etkinleştir"
    r"|kích hoạt|aktifkan|启用|啟用|开启|開啟|تفعيل|تمكين)[^.。]{0,30}(?:java ?script|جافا ?سكر[يی]بت)",
    r"java ?script[^.。]{0,30}(?:aktivier|deaktiviert|désactivé|activé|desactivado|habilitad|disabilitat|inschakelen"
    r"|uitgeschakeld|aktiverat|aktivert|aktiveret|włącz|wyłączon|отключ[её]н|включ[её]н|вимкнен|etkin|有効|無効|활성화)",
)

PAYWALL = re.compile(
    r"subscri|abonn|paywall|premium|suscri|assinant|sottoscri|prenumer|tilaa|подписк|会員|订阅|구독|already a member"
    r"|jetzt (?:lesen|testen)",
    re.IGNORECASE,
)


def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


BOT = _any_of(_BOT_BY_LANGUAGE)
CONSENT = _any_of(_CONSENT_BY_LANGUAGE)
LOGIN = _any_of(_LOGIN_BY_LANGUAGE)
MISSING = _any_of(_MISSING_BY_LANGUAGE)
SCRIPT = _any_of(_SCRIPT_BY_LANGUAGE)

BOT_MARKERS = re.compile(
    rb"_cf_chl_opt|/cdn-cgi/challenge-platform/h/|geo\.captcha-delivery\.com|px-captcha|_Incapsula_Resource"
    rb"|token\.awswaf\.com|sucuri_cloudproxy|/_sec/cp_challenge|ddos-guard/js-challenge|kpsdk",
    re.IGNORECASE,
)
"""What the services that check for robots put into their own pages: Cloudflare, DataDome, HUMAN, Imperva, AWS, Sucuri,
Akamai, DDoS-Guard, Kasada."""
