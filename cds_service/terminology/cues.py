"""The cues of clinical English that turn a phrase round: denial, doubt, history, family; and those that only seem to.

Each table is a regular expression over lower-case text with single spaces. The method is that of NegEx (Chapman 2001)
and ConText (Harkema 2009); the words are those of rule book 4.2, of radiology reports and of problem lists.
"""

from __future__ import annotations

import re


def _either(lines: str) -> str:
    """Join the lines of a table into one alternation; the first that fits wins, so longer cues stand first."""
    return "|".join(line.strip() for line in lines.strip().splitlines())


_GAP = r"(?: (?!(?:and|or|but|with)\b)[\w-]+)"
_RELATIVE = (
    r"(?:mother|father|mum|mom|dad|sister|brother|sibling|parent|aunt|uncle|cousin|daughter|son|niece|nephew"
    r"|grand(?:mother|father|parent|ma|pa)|maternal|paternal)s?"
)
_TELLS = (
    r"(?:not |also |been )?"
    r"(?:notic|report|seen|observ|said|says|call|phon|concern|found|brought|describ|inform|told|worr|stat)"
)
_ACTS = (
    r"(?:treatment|therapy|radiotherapy|irradiation|biopsy|surgery|fixation|intervention|fracture|collapse|uptake"
    r"|complications?|instability|pain|tenderness|pressure|oedema|edema|haemorrhage|hemorrhage)"
)
_CHANGES = (
    r"(?:changes?|improvement|relief|resolution|response|benefit|effects?|increase|decrease|reduction|worsening"
    r"|deterioration|growth|regression|difference|alteration|enlargement|progress(?:ion)?(?! to))"
)
_NOT_DONE = (
    r"(?:respond\w*|improv\w*|reliev\w*|better|resolv\w*|controlled|settl\w*|amenable|suitable|walking|mobile"
    r"|mobilising|eating|changed|progressed|candidate|fit|tak(?:en|ing)|on|receiving|compliant)"
)
_HELP = r"(?:contrast|gadolinium|difficulty|delay|help|aid|assistance|support|oxygen|incident|food|treatment|therapy)"
_TIME = r"(?:hour|day|week|month|year|hr|wk|yr|night|evening|24h|/7|/52|/12)(?:s'|'s|s)?"
_COUNT = r"(?:\d+|few|several|one|two|three|four|couple of)"
_STUDIES = (
    r"(?:scan|ct|mri|study|studies|imaging|exam|examination|report|x-?ray|radiograph|film|visit|admission|treatment"
    r"|radiotherapy|rt|chemotherapy|chemo|surgery|biopsy|biopsies|steroid)s?"
)
_SIGNS = r"(?:evidence|signs?|symptoms?|features?|indication|suggestion|mention|complaints?|findings?)"
_TELLING = r"(?:report|complain|admit|describ|endors|mention|experienc)\w*"
_CANNOT = (
    r"(?:cannot|can not|can't|could not|couldn't|unable to|(?:im|not )possible to|not able to|difficult to|does not"
    r"|do not|doesn't|did not|didn't|not|without|never)"
)

NEUTRAL = _either(
    rf"""
    (?:no|without){_GAP}{{0,3}}? {_CHANGES}(?: (?:in|of|to|from|with|on|for|since))?
    no{_GAP}{{0,2}}? {_ACTS} (?:of|to|for|from|in|through|at|within|around|with|related to|due to|secondary to)
    (?:not|isn't|hasn't|aren't)(?: [\w-]+)? {_NOT_DONE}
    not (?:only|just|merely)
    (?:no|without|beyond)(?: any| a)? (?:doubt|question)(?: of| about| that)?
    (?:not|n't) den(?:y|ies|ied)
    (?:without|w/o)(?: (?:and|or|with|iv|i\.v\.|intravenous|any)){{0,4}} {_HELP}
    (?:excluded|ruled out|denied|refuted)(?: (?:by|on|with|at|in)|(?= ?[,()-]| and\b))
    (?:was|were|is|are|been|being) (?:excluded|ruled out|denied|refuted)
    (?:{_COUNT}[ -]?)?{_TIME} (?:history|hx|h/o)(?: of)?
    (?:short|recent|acute|long(?:-?standing)?|brief|current|progressive|new|further)[ -](?:history|hx)(?: of)?
    (?:history|hx) of (?:the )?present(?:ing)? (?:illness|complaint|condition)
    (?:history|hx|h/o)(?: of)?(?: a)? (?:worsening|progressive|increasing|new|recent|acute|sudden|ongoing|severe)
    (?:history|hx|h/o)(?: of)? {_COUNT} ?-?{_TIME}
    previously (?:known|documented|noted|seen|identified|treated|irradiated|reported|described|diagnosed)
    previously (?:demonstrated|well|fit)
    (?:past|previous|prior) (?:{_COUNT} ?-?)?{_TIME}
    (?:past|previous|prior|earlier) (?:[\w-]+ )?{_STUDIES}
    prior to|no\. of
    """
)
"""Look like denial or history and are none."""

STANDING = (
    rf"(?:no|without){_GAP}{{0,3}}? (?:new|further|additional|other|more|progressive|progressing|worsening|increasing"
    r"|enlarging)(?: (?:or|and) (?:new|further|additional|other|progressive|worsening|increasing|enlarging))?"
)
"""``no new``: a lasting disease named after it stands, a sign or symptom does not."""

DOUBTED = _either(
    rf"""
    {_CANNOT}(?: \w+)? (?:exclud\w*|rul\w+ out|r/o)
    (?:not|un) ?(?:clear|certain|sure|known) (?:if|whether|about)(?: \w+ (?:has|have))?
    (?:un|not )(?:clear|certain|sure)
    whether
    susp(?:ected|ect|ects|ecting|\.)?
    suspici(?:on|ons|ous)(?: (?:of|for))?
    poss(?:ible|ibly|ibility|\.)?
    prob(?:able|ably|\.)?
    potential(?:ly)?
    quer(?:y|ied|ies|ying)
    question(?:able|ed)?(?: of)?
    likely
    (?:concern(?:s|ed|ing)?|worr(?:y|ied|isome|ying)|anxious|fear)(?: (?:for|about|of|re|regarding))?
    (?:could|may|might) (?:be|represent|have|reflect|indicate|suggest)
    suggest(?:s|ed|ing|ive)?(?: of)?
    presum(?:ed|ptive|ably)|provisional(?:ly)?|equivocal|indeterminate|impending|threatened
    (?:differential|ddx|d/d|dd)(?: diagnosis)?(?: (?:of|includes?))?
    (?:evaluat\w+|assess\w*|investigat\w+|look(?:s|ing)?|check\w*|work-?up) (?:for|of)
    (?:vs|versus)\.?
    """
)

FAMILY = _either(
    rf"""
    fam(?:ily|ilial)?\.?(?: (?:medical|cancer|oncolog\w+))? (?:history|hx|h/o|hist)(?: (?:of|for|positive for))?
    (?:fh|fhx|fmhx|fmh)\b\+?(?: of)?
    {_RELATIVE}(?:'s| had| has(?! {_TELLS})| with| died (?:of|from|with)| suffered(?: from)?)(?: been diagnosed with)?
    {_RELATIVE} (?:was )?diagnosed(?: with)?
    {_RELATIVE}(?= ?[:=-])
    """
)
"""A relative alone is no family history: daughters notice leg weakness."""

HISTORY = _either(
    r"""
    (?:past|previous|prior|personal)(?: (?:medical|surgical|oncolog\w+))? (?:history|hx)(?: of)?
    (?:history|hx|hist) of|hx(?! ?:)
    h/o|pmhx?|pmh|status post|s/p
    past|previous|previously|prior|former|formerly|resolved|remote|recovered from
    """
)

RISK = _either(
    r"""
    (?:(?:at|high|low|higher|increased) )?(?:risks?|likelihood|chance)(?: factors?)? (?:of|for)
    screen(?:s|ed|ing)? for
    prevent(?:s|ed|ing|ion|ative)?(?: of)?
    prophyla(?:xis|ctic)(?: (?:for|of|against))?
    (?:protects?|protection) (?:against|from)
    (?:to )?avoid(?:s|ing|ance of)?
    """
)
"""Speak of what might come; their scope ends at ``in``, ``with``, ``from`` (``risk of fracture from metastases``)."""

DENIED = _either(
    rf"""
    unlikely(?: to (?:be|represent|have|reflect))?
    (?:no|without|nil|lack of|absence of){_GAP}{{0,3}} {_SIGNS}(?: (?:of|for|to suggest|suggesting|suggestive of))
    (?:negative|neg|-ve)(?: [\w-]+){{0,3}} for
    den(?:ies|ied|ying|y)(?: (?:any|having|having had))?
    rul(?:e|ed|es|ing)[ -]out|r/o
    (?:to )?exclu(?:de|ded|des|ding|sion of)
    (?:absence|lack|free|clear) (?:of|from)
    (?:not|[a-z]+n't|never|no|nil)(?: \w+)? {_TELLING}(?: (?:of|any|to))?
    lack(?:s|ing)
    without|w/o
    fail(?:s|ed|ure)? to (?:show|reveal|demonstrate|identify|find|detect)
    (?:return|returns|come back|call|present|seek help|reattend|contact us|attend)(?: to [\w&]+)? if
    in (?:case|the event) of
    (?:watch|monitor|monitored|monitoring|watching|vigilant|alert) for
    (?:warned|advised|counsell?ed|informed|educat\w+|advice|leaflet)(?: [\w-]+)? (?:about|of|on|re|regarding|for)
    safety[ -]?net\w*
    (?:red flags?|precautions?)(?: symptoms?| signs?)?(?: were)? (?:discussed|given|explained|reviewed|advised)
    (?:aware|awareness|explained|discussed)(?: of| about)?(?: the)? (?:signs?|symptoms?|risks?|red flags?) (?:of|for)
    (?:cannot|can't|could not|couldn't|unable to|did not|didn't) (?:see|find|identify|detect|demonstrate)
    nothing (?:to suggest|to indicate|suggestive of)|none of
    neither
    """
)
"""Deny a whole list: ``denies numbness, weakness or incontinence``; or speak of what has not happened."""

PLAIN_NO = r"no|nil|zero|nor"
"""Deny a list of short items; a list of two is doubtful (``no fever, leg weakness``)."""

NOT = _either(
    r"""
    not (?:due|secondary|related|attributable|caused) (?:to|by)
    not (?:\w+ )?(?:consistent|compatible|in keeping) with
    not|never|no longer|[a-z]+n't|absent|if|should(?= (?:you|he|she|they|the|patient|any|there|new) )|\(-\)
    """
)
"""Deny up to the next comma only."""

ENDS = _either(
    r"""
    but|however|although|though|yet|nevertheless|except(?:ing)?(?: for)?
    apart from|aside from|other than|besides|despite
    which|who|whilst|while|whereas|because(?: of)?|due to|secondary to|caused by|from|related to|attributable to
    as a result of|resulting from|in the (?:setting|context|presence) of|given|with known|on a background of|background
    in (?:an? |the )?(?:known|patients?|pt|pts|man|woman|lady|gentleman)
    (?:report|complain|present)(?:s|ed|ing)?(?: of)?|c/o|consistent with|in keeping with|compatible with|positive for
    \(\+\)
    """
)
"""End whatever came before."""

AFFIRMING = _either(
    r"""
    known|extensive|multiple|widespread|diffuse|stable|unchanged|confirmed|established|existing|pre-existing|numerous
    innumerable|several|persistent|ongoing|multifocal|scattered|active|positive|developed|develops|there|is|are|has|have
    shows?|showed|showing|reveal(?:s|ed|ing)?|demonstrat(?:es|ed|ing)|now|currently|with|admits?|endorses?|states?
    """
)
"""Open a new statement when a comma or ``and`` stands before them."""

AFFIRMING_AFTER_NO = r"new|worsening|progressive|increasing|severe|marked|acute|recent|bilateral|large|sclerotic|lytic"
"""The same, except inside a list that says so (``denies``, ``or``): ``no fever, new leg weakness``."""

SHOWS = re.compile(
    r"shows?|showed|showing|reveal(?:s|ed|ing)?|demonstrat(?:es|ed|ing)|confirms?|confirmed|found"
    r"|(?P<auxiliary>has|have|is|are|remains?)"
)
"""Verbs that open a new statement: at once, the auxiliary ones when a comma has passed since the cue."""

HISTORY_ENDS = re.compile(
    r"with|now|for|to|on|currently|today|at|in|through|since|has|have|shows?|showed|is|are|was|were"
)

FOR_BELONGS = re.compile(
    r"positive|suspicious|concerning|worrisome|evidence|typical|diagnostic|specific|screened|characteristic|support"
    r"|negative|concerns?|suspicion|features|signs|indication|grounds|basis"
)
"""Words after which ``for`` carries a denial on; after any other it ends it (``no radiotherapy for metastases``)."""

LASTING = re.compile(
    r"metasta|\bmets?\b|secondar|deposit|carcinom|cancer|tumou?r|malignan|lymphoma|myeloma|leuka?emia|lesion|nodul|disease"
)
"""Diseases that ``no new ...`` leaves standing."""

UNDONE_BY_NON = re.compile(r"metasta|malignan|cancer|neoplas|patholog|pregnan|diabet|steroid|compress|infect")
"""What ``non-`` right before it denies; elsewhere it names a disease: non-small cell, non-Hodgkin, non-seminomatous."""

LIST_GOES_ON = re.compile(r"[^.;:]{0,60}?\b(?:or|nor)\b")
"""What follows the phrase is the rest of an ``or`` list."""

# After the phrase. A cue must belong to the phrase: a few plain words may stand between, no comma, no other statement.
_END = r"\s*(?:$|[.,;:)\]?!]|- )"
_ENDED = rf"(?={_END})"
_FOLLOW = (
    rf"(?={_END}|\s+(?:by|on|with|at|in|via|after|clinically|radiologically|today|and|but|as|this|following|per|either|or"
    r"|yet|given|based|though|because|currently|now)\b)"
)
_LEAD = r"[\s)\]\"']{0,4}"
_STOP = (
    r"(?:and|with|without|no|not|but|however|although|which|causing|known|show\w*|from|due|den\w+|possib\w+|suspected|likely"
    r"|has|have|had|is|are|was|were|been|cannot|can|could|must|should|needs?|vs|versus|unlikely|none|nil|negative|absent"
    r"|excluded|ruled)"
)
_FILL = rf"(?:\s(?!{_STOP}\b)[\w'/&+.-]+){{0,5}}?"
_PLURAL = rf"(?:\s(?!(?!and\b){_STOP}\b)[\w'/&+.-]+){{0,7}}?\s(?:were(?: both)?|have(?: both)? been|both|are)"
_SEP = r"(?:\s?[,:=(-]{1,3}\s?|\s|\s?\?\s)"
_BE = (
    r"(?:(?:is|are|was|were|has been|have been|had been|has|have|been|be|now|since|then|later|subsequently|clinically"
    r"|fully)\s){0,4}"
)
_UP_TO = rf"{_FILL}{_SEP}{_BE}"
_SHOWN = (
    r"(?:seen|identified|demonstrated|detected|found|present|noted|evident|visuali[sz]ed|appreciated|reported|shown|apparent"
    r"|visible|observed|suspected|felt to be present|done|performed|given|required|needed|indicated|started|assessed"
    r"|tested|examined|recorded|applicable)"
)
_NOT_NOW = r"(?:not|no longer|never|(?:is|are|was|were|has|have)n't)(?: been| definitely| clearly| currently)?"
_EARLIER = r"(?!\s(?:previously|before|(?:on|in) (?:the )?(?:prior|previous|earlier|last)))"
_ANSWER = r"(?:no|none|nil|yes|denies|denied|absent|negative)"


def _after(lines: str) -> re.Pattern[str]:
    return re.compile(rf"{_LEAD}(?:{_either(lines)})")


AFTER_DOUBTED = _after(
    rf"""
    [^.;]{{0,80}}?\b(?:cannot|can not|can't|could not|not|never|yet to)(?: be| been)?(?: \w+)? (?:excluded|ruled out)\b
    {_FILL}{_SEP}(?:must|should|needs?|needed|to|has|have|will)(?: to)? be (?:excluded|ruled out|confirmed)\b
    {_UP_TO}(?:suspected|possible|probable|likely|queried|questionable|questioned|equivocal|unconfirmed|uncertain){_FOLLOW}
    {_UP_TO}(?:unclear|indeterminate|not (?:yet |been )?confirmed|tbc|in question|(?:a )?(?:possibility|query)){_FOLLOW}
    \s(?:vs\.?|versus)\s
    (?:\s(?!{_STOP}\b)[\w'-]+){{0,2}}\)?\?+(?![\w?])(?!\s?[:=-]?\s?{_ANSWER}\b)
    \s\?+\s?$|\s?\(\?+\)
    """
)
AFTER_DENIED = _after(
    rf"""
    {_UP_TO}(?:ruled[ -]out|excluded|denied|disproved|refuted|declined|refused|cancell?ed){_FOLLOW}
    {_PLURAL}\s(?:ruled[ -]out|excluded|denied|refuted|not {_SHOWN}){_FOLLOW}
    {_UP_TO}(?:r/o'?d?|rule[ -]out|no longer){_ENDED}
    {_UP_TO}{_NOT_NOW} {_SHOWN}{_EARLIER}{_FOLLOW}
    {_UP_TO}(?:\w+ )?unlikely{_FOLLOW}
    {_SEP}{_BE}(?:negative|neg|-ve|absent|none|nil|false|improbable|not likely|n/a|unknown){_FOLLOW}
    (?:\s?[:=?(]{{1,3}}\s?-?\s?|\s?-+\s|,?\s)no{_ENDED}
    \s?\(-\){_ENDED}
    {_UP_TO}not an? (?:feature|problem|concern|issue|complaint){_FOLLOW}
    [ -]free\b(?! (?:fluid|light|t4))
    \s(?:alert card|leaflet|information|advice|awareness|education|warning|red flags?|safety[- ]net\w*)\b
    \s(?:screen\w*|prevention|prophylaxis|risk)\b
    """
)
AFTER_HISTORY = _after(
    rf"""
    {_UP_TO}(?:completely |mostly )?(?:resolved|recovered){_FOLLOW}
    \sin the past\b(?! (?:\d|few|day|week|month|hour|two|three|several|couple))
    \s?\((?:history|historical|past|previous|old|resolved)\b
    """
)
AFTER_FAMILY = re.compile(
    rf"\s?[,:-]?\s?(?:\(\s?(?:in )?(?:(?:his|her|their|the|maternal|paternal) ){{0,2}}{_RELATIVE}"
    rf"(?=\s?[),:]|\s(?:aged?|at|\d))|in (?:(?:his|her|their|the|a|patient's|pt's) ){{0,2}}{_RELATIVE}\b"
    rf"|(?<=[,:-] )(?:maternal |paternal )?{_RELATIVE}(?=\s?(?:$|[.,;)])))"
)

REQUEST = re.compile(
    r"\b(?:(?P<request>indications?|clinical (?:details?|info\w*|question|indication|history|data)|reason for \w+|question"
    r"|request)|findings?|reports?|impression|conclusions?|results?|opinion|interpretation|comparison|technique|summary)\s*:",
    re.IGNORECASE,
)
"""Headings of a report: what was asked, and what was found."""
