"""Names of columns in other programs and languages: data for `import_columns`.

The likeliest name of a field comes first. Names are compared as `import_columns.normalized` writes them; what programs
add ("Candidate", "Primary", "1 - Value", "(s)") is removed first.
"""

from __future__ import annotations

NAME = """
    name|full name|display name|complete name|legal name|preferred full name|file as|candidate|applicant
    prospect|talent|person|contact|employee|job seeker|vollständiger name|vor und nachname|bewerber|bewerberin
    bewerbername|kandidat|kandidatin|kandidatenname|nom complet|nom et prénom|prénom et nom|nom prénom|candidat
    nom du candidat|nom|nombre completo|nombre y apellidos|apellidos y nombre|candidato|nome completo
    nome e sobrenome|nome e cognome|volledige naam|naam|kandidaat|sollicitant|imię i nazwisko|nazwisko i imię
    kandydat|celé jméno|jméno a příjmení|meno a priezvisko|teljes név|név|jelölt|nume complet|nume și prenume
    ime i prezime|ime in priimek|име и фамилия|фио|полное имя|имя и фамилия|фамилия имя|фамилия имя отчество
    кандидат|піб|повне ім'я|fullständigt namn|namn|fulde navn|fullt navn|navn|koko nimi|nimi|hakija|täisnimi
    vārds uzvārds|vardas pavardė|ad soyad|adı soyadı|isim|aday|ονοματεπώνυμο|πλήρες όνομα|υποψήφιος|姓名|名字
    候选人|候選人|候选人姓名|氏名|名前|お名前|候補者|候補者名|応募者|応募者名|이름|성명|지원자|지원자명|후보자
    الاسم|الاسم الكامل|المرشح|שם|שם מלא|מועמד|نام|نام و نام خانوادگی|नाम|पूरा नाम|ชื่อ|ชื่อ นามสกุล|họ và tên
    họ tên|nama|nama lengkap
"""
FIRST_NAME = """
    first name|first|given name|forename|preferred name|preferred first name|name first|legal first name
    first names|christian name|vorname|rufname|prénom|prenom|nombre|nombres|primer nombre|nome|primeiro nome
    voornaam|roepnaam|imię|imie|jméno|jmeno|křestní jméno|meno|krstné meno|keresztnév|utónév|prenume|ime|име|имя
    ім'я|förnamn|tilltalsnamn|fornavn|etunimi|eesnimi|vārds|vardas|adı|όνομα|名|メイ|이름 명|الاسم الأول|שם פרטי
    पहला नाम|ชื่อจริง|tên|nama depan|نام کوچک
"""
LAST_NAME = """
    last name|last|surname|family name|second name|name last|legal last name|last names|nachname|familienname
    zuname|nom de famille|nom|apellido|apellidos|sobrenome|apelido|cognome|achternaam|familienaam|nazwisko
    příjmení|prijmeni|priezvisko|vezetéknév|családnév|nume|nume de familie|prezime|priimek|фамилия|фамилно име
    прізвище|efternamn|efternavn|etternavn|sukunimi|perenimi|uzvārds|pavardė|soyad|soyadı|soyisim|επώνυμο
    επίθετο|姓|姓氏|苗字|名字|セイ|성|اسم العائلة|اللقب|שם משפחה|उपनाम|นามสกุล|họ|nama belakang|نام خانوادگی
"""
EMAIL = """
    email|email address|mail|mail address|e mail|e mail address|electronic mail|personal email|home email
    email personal|email home|private email|work email|email work|business email|contact email|email id
    email name|smtp address|primary smtp address|login email|e mail adresse|mailadresse|e mail privat
    private e mail|emailadresse|adresse e mail|adresse mail|adresse électronique|courriel|mél
    adresse de courriel|correo|correo electrónico|correo electronico|dirección de correo
    dirección de correo electrónico|correio eletrônico|correio eletrónico|endereço de e mail|endereço de email
    indirizzo email|indirizzo e mail|posta elettronica|e mailadres|mailadres|adres e mail|adres email
    adres mailowy|e mailová adresa|emailová adresa|e mail cím|email cím|adresă de e mail|adresa de email|e pošta
    имейл|электронная почта|эл почта|адрес электронной почты|почта|электронная|електронна пошта
    електронна адреса|пошта|e postadress|e post|epost|epostadress|e postadresse|sähköposti|sähköpostiosoite
    e pasts|el paštas|e posta|e posta adresi|eposta|ηλεκτρονικό ταχυδρομείο|email υποψηφίου|邮箱|电子邮箱
    电子邮件|邮件|邮箱地址|电邮|電郵|電子郵件|電子信箱|メール|メールアドレス|eメール|電子メール|이메일
    이메일 주소|전자우편|메일|البريد الإلكتروني|البريد الالكتروني|الإيميل|דואר אלקטרוני|אימייל|מייל|ایمیل
    رایانامه|ईमेल|อีเมล|thư điện tử|surel
"""
PHONE = """
    mobile phone|mobile|mobile number|cell|cell phone|cell number|cellphone|phone mobile|phone|phone number
    telephone|telephone number|tel|primary phone|contact number|phone no|mobile no|personal phone|home phone
    phone home|work phone|phone work|business phone|whatsapp|handy|handynummer|mobil|mobiltelefon|mobilnummer
    telefon|telefonnummer|telefon mobil|telefon privat|rufnummer|téléphone portable|portable|téléphone mobile
    téléphone|numéro de téléphone|tél|gsm|numéro|móvil|teléfono móvil|celular|teléfono|telefono
    número de teléfono|telemóvel|telefone|telefone celular|número de telefone|cellulare|telefono cellulare
    numero di telefono|recapito telefonico|mobiele telefoon|mobiel|telefoon|telefoonnummer|telefon komórkowy
    komórka|numer telefonu|nr telefonu|mobilní telefon|číslo|telefonní číslo|telefónne číslo|telefonszám
    număr de telefon|мобильный|мобильный телефон|телефон|номер телефона|тел|мобільний телефон|номер телефону
    matkapuhelin|puhelin|puhelinnumero|cep|cep telefonu|telefon numarası|κινητό|τηλέφωνο|手机|手机号|手机号码
    电话|電話|電話番号|携帯|携帯電話|携帯番号|手機|휴대폰|휴대전화|전화|전화번호|연락처|الهاتف|رقم الهاتف|الجوال
    טלפון|נייד|تلفن|موبایل|फ़ोन|मोबाइल|โทรศัพท์|เบอร์โทร|số điện thoại|điện thoại|telepon|nomor telepon
    contact no|tel no|tel nr|telefon nr|telefonnr|handy nr|mobil nr
"""
TIME_ZONE = """
    time zone|timezone|tz|zone|local time zone|candidate timezone|zeitzone|fuseau horaire|fuseau|zona horaria
    huso horario|fuso horário|fuso orario|tijdzone|strefa czasowa|časové pásmo|időzóna|fus orar|часовой пояс
    часовий пояс|tidszon|tidszone|tidssone|aikavyöhyke|saat dilimi|ζώνη ώρας|时区|時區|タイムゾーン|시간대
    المنطقة الزمنية|אזור זמן|منطقه زمانی
"""
JOB = """
    job|job name|job applied for|applied job|applied for|job applied to|position applied for|position applied
    applied position|role applied for|application job|requisition|requisition name|requisition title
    job requisition|req|vacancy|vacancy name|vacancy title|opening|job opening|job opening name|posting
    posting title|job posting|job posting title|opportunity|campaign|job ad|stelle|beworbene stelle
    stellenausschreibung|ausgeschriebene stelle|offre|offre d'emploi|poste visé|vacante|oferta|oferta de empleo
    vaga|offerta di lavoro|offerta|posizione aperta|vacature|oferta pracy|rekrutacja|nabídka práce|вакансия
    вакансія|tjänst|utlyst tjänst|stilling|avoin työpaikka|ilan|başvurulan pozisyon|θέση εργασίας|应聘职位
    应聘岗位|申请职位|應徵職位|応募職種|求人|応募ポジション|지원 직무|지원 포지션|공고|채용공고
    الوظيفة المتقدم لها|משרה
"""
STAGE = """
    stage|current stage|job stage|interview stage|current interview stage|candidate stage|hiring stage
    pipeline stage|recruiting stage|application stage|step|current step|recruiting step|process step|hiring step
    workflow step|phase|bewerbungsphase|prozessschritt|étape|etape|étape actuelle|etapa|etapa actual|fase|etap
    fáze|krok|этап|стадия|етап|steg|trinn|trin|vaihe|aşama|στάδιο|阶段|招聘阶段|階段|ステージ|選考段階
    選考ステージ|단계|전형 단계|المرحلة|שלב
"""
FIELD_WORDS = {
    "name": NAME,
    "first_name": FIRST_NAME,
    "last_name": LAST_NAME,
    "email": EMAIL,
    "phone": PHONE,
    "time_zone": TIME_ZONE,
    "job": JOB,
    "stage": STAGE,
}
# Words that programs put around a column's name. Not "current": a current job is the one a person has now.
NOISE = """
    candidate|candidates|applicant|applicants|prospect|contact|person|primary|main|default|value|values|s|es|the|1
    required|optional
"""
# A column with one of these words holds other people's addresses.
OTHERS = """
    recruiter|owner|coordinator|manager|interviewer|sourcer|referrer|referred|hiring|assigned|creator|by
"""
# Languages in which a column called just "name", beside a given name, has the family name.
GIVEN_NAME_BESIDE = {"name", "nom", "naam", "namn", "navn", "nome", "név", "nume"}
