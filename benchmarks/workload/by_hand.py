"""The 50 base rules written by hand as a plain if-chain: fields read once into
locals, cheapest test first, no generic machinery.  The practical pure-Python floor
for evaluating every rule one after the other.  Verified against reference.py."""

import re

_asset = re.compile(r"\b(?:lt|dt|pr)-\d{4,}\b").search
_cert = re.compile(r"^certificate\b.*\berror").search
_scan = re.compile(r"^scanner\b.*\boutlook").search
MHC = frozenset(("Medium", "High", "Critical"))


def match_all(t):
    q = t["hd_queue_id"]
    cat = t["category"]["name"]
    s = t["status"]
    st = s["name"]
    state = s["state"]
    pr = t["priority"]["name"]
    im = t["impact"]["name"]
    own = t["owner"]
    c1 = t["custom_1"]
    c2 = t["custom_2"]
    c3 = t["custom_3"]
    c4 = t["custom_4"]
    x = t["x"]
    title = x["title"]
    text = x["text"]
    prev = x["prev_status"]
    idle = x["idle_min"]
    out = []
    if c2 == "Berlin" and c4 >= 150 and own is None and pr != "Low" and c1.startswith("OPS"):
        out.append(0)
    if (
        q == 35
        and own is None
        and prev == "Opened"
        and st == "Need More Info"
        and pr in MHC
        and x["biz_min"] > 480
        and (
            cat.startswith("Printing::")
            or "kodano" in title
            or "dukodeso" in title
            or "pati" in title
            or "kivavi" in title
            or "masa" in title
        )
    ):
        out.append(1)
    if cat == "Account::Robasa" and own is None and state != "closed":
        out.append(2)
    if (c1 == "LAB-00" and state == "stalled" and idle > 1440) or (
        q == 3 and c3 and not (own is not None and (pr == "Low" or pr == "Medium"))
    ):
        out.append(3)
    if (q == 36 or q == 9 or q == 5 or q == 24) and _asset(title):
        out.append(4)
    if cat == "Security::Pokefa" and own is None and state != "closed":
        out.append(5)
    if cat == "Finance::Vinege" and own is None and state != "closed":
        out.append(6)
    if q == 2 and (st == "New" or st == "Assigned") and pr in MHC:
        out.append(7)
    if (
        im != "1 person"
        and cat.startswith("Network::")
        and (
            "fedovabu" in title
            or "lapemema" in title
            or "denatone" in title
            or "marale" in title
            or "tinozo" in title
        )
    ):
        out.append(8)
    if (
        st != "Resolved"
        and st != "Closed"
        and (
            "bulave" in text
            or "nebe" in text
            or "vepesona" in text
            or "vemide" in text
            or "kotasezo" in text
        )
    ):
        out.append(9)
    if (c1 == "OPS-01" and state == "stalled" and idle > 1440) or (
        q == 13 and c3 and not (own is not None and (pr == "Low" or pr == "Medium"))
    ):
        out.append(10)
    if (q == 7 or q == 15 or q == 9 or q == 2) and _asset(title):
        out.append(11)
    if q == 34 and pr == "Critical" and (st == "New" or st == "Need More Info"):
        out.append(12)
    if (
        st != "Resolved"
        and st != "Closed"
        and (
            "rokisi" in text
            or "monono" in text
            or "topede" in text
            or "zokena" in text
            or "nimata" in text
        )
    ):
        out.append(13)
    if cat == "Server::Valimada" and own is None and state != "closed":
        out.append(14)
    if q == 34 and pr == "Critical" and (st == "New" or st == "Waiting Vendor"):
        out.append(15)
    if c2 == "Vienna" and c4 >= 150 and own is None and pr != "Low" and c1.startswith("ENG"):
        out.append(16)
    if (
        im != "1 person"
        and cat.startswith("Server::")
        and (
            "pobolo" in title
            or "diduga" in title
            or "topede" in title
            or "bapapori" in title
            or "gakabima" in title
        )
    ):
        out.append(17)
    if (
        st != "Resolved"
        and st != "Closed"
        and (
            "dilora" in text
            or "merebe" in text
            or "dedu" in text
            or "mipari" in text
            or "zolira" in text
        )
    ):
        out.append(18)
    if (c1 == "LEG-00" and state == "stalled" and idle > 1440) or (
        q == 35 and c3 and not (own is not None and (pr == "Low" or pr == "Medium"))
    ):
        out.append(19)
    if (
        im != "1 person"
        and cat.startswith("Security::")
        and (
            "bova" in title
            or "gebobu" in title
            or "borega" in title
            or "gadidoga" in title
            or "sepokoga" in title
        )
    ):
        out.append(20)
    if (
        (q == 30 or q == 29 or q == 17)
        and state == "opened"
        and (pr == "High" or pr == "Critical")
        and idle >= 720
        and x["age_min"] > 10080
    ):
        out.append(21)
    if (
        im != "1 person"
        and cat.startswith("Network::")
        and (
            "simako" in title
            or "beba" in title
            or "raseka" in title
            or "vedimi" in title
            or "sapema" in title
        )
    ):
        out.append(22)
    if c2 == "Berlin" and c4 >= 100 and own is None and pr != "Low" and c1.startswith("LEG"):
        out.append(23)
    if q == 17 and st == "New" and (pr == "High" or pr == "Critical"):
        out.append(24)
    if q == 9 and (st == "New" or st == "Waiting Vendor") and (pr == "High" or pr == "Critical"):
        out.append(25)
    if (
        im != "1 person"
        and cat.startswith("Account::")
        and (
            "bato" in title
            or "donamesi" in title
            or "dekemefa" in title
            or "nelade" in title
            or "bivaba" in title
        )
    ):
        out.append(26)
    if q == 24 and st == "New" and pr in MHC:
        out.append(27)
    if (c1 == "MKT-00" and state == "stalled" and idle > 2880) or (
        q == 2 and c3 and not (own is not None and (pr == "Low" or pr == "Medium"))
    ):
        out.append(28)
    if (
        im != "1 person"
        and cat.startswith("Hardware::")
        and (
            "dosekifa" in title
            or "menofa" in title
            or "botato" in title
            or "zonebefe" in title
            or "lefase" in title
        )
    ):
        out.append(29)
    if c2 == "Vienna" and c4 >= 100 and own is None and pr != "Low" and c1.startswith("ENG"):
        out.append(30)
    if (
        im != "1 person"
        and cat.startswith("Training::")
        and (
            "sobeteka" in title
            or "dovena" in title
            or "telori" in title
            or "depono" in title
            or "dosona" in title
        )
    ):
        out.append(31)
    if cat == "Printing::Vitofadu" and own is None and state != "closed":
        out.append(32)
    if (
        q == 2
        and own is None
        and prev == "Opened"
        and st == "Need More Info"
        and (pr == "High" or pr == "Critical")
        and x["biz_min"] > 480
        and (
            cat.startswith("Network::")
            or "tape" in title
            or "fetolo" in title
            or "bimo" in title
            or "mibosina" in title
            or "podege" in title
        )
    ):
        out.append(33)
    if (
        q == 1
        and own is None
        and prev == "Opened"
        and st == "Need More Info"
        and (pr == "Low" or pr == "Medium")
        and x["biz_min"] > 480
        and (
            cat.startswith("Training::")
            or "mive" in title
            or "dudo" in title
            or "fageli" in title
            or "tadeki" in title
            or "perozo" in title
        )
    ):
        out.append(34)
    if q == 28 and (st == "New" or st == "Need More Info") and (pr == "Low" or pr == "Medium"):
        out.append(35)
    if (
        q == 1
        and own is None
        and prev == "Opened"
        and st == "Opened"
        and (pr == "Low" or pr == "Medium")
        and x["biz_min"] > 480
        and (
            cat.startswith("Training::")
            or "penadu" in title
            or "dopa" in title
            or "modosa" in title
            or "sora" in title
            or "ravine" in title
        )
    ):
        out.append(36)
    if cat == "Server::Famizo" and own is None and state != "closed":
        out.append(37)
    if q == 21 and (st == "New" or st == "Opened") and (pr == "Low" or pr == "Medium"):
        out.append(38)
    if (
        im != "1 person"
        and cat.startswith("Server::")
        and (
            "tofe" in title
            or "tibedisi" in title
            or "kebekede" in title
            or "beli" in title
            or "nenedine" in title
        )
    ):
        out.append(39)
    if (
        (q == 39 or q == 8 or q == 34)
        and state == "opened"
        and (pr == "High" or pr == "Critical")
        and idle >= 720
        and x["age_min"] > 10080
    ):
        out.append(40)
    if (
        st != "Resolved"
        and st != "Closed"
        and (
            "risa" in text
            or "siteso" in text
            or "gapeta" in text
            or "mesaba" in text
            or "gepefa" in text
        )
    ):
        out.append(41)
    if cat == "Security::Poro" and own is None and state != "closed":
        out.append(42)
    if (
        st != "Resolved"
        and st != "Closed"
        and (
            "limapeme" in text
            or "mive" in text
            or "vimave" in text
            or "kigabima" in text
            or "bofado" in text
        )
    ):
        out.append(43)
    if (
        q == 18
        and own is None
        and prev == "New"
        and st == "Assigned"
        and pr == "Critical"
        and x["biz_min"] > 480
        and (
            cat.startswith("Printing::")
            or "nake" in title
            or "lediboga" in title
            or "simimo" in title
            or "ladedu" in title
            or "tasepa" in title
        )
    ):
        out.append(44)
    if (
        (q == 10 or q == 39 or q == 18)
        and state == "opened"
        and (pr == "High" or pr == "Critical")
        and idle >= 720
        and x["age_min"] > 2880
    ):
        out.append(45)
    if (q == 33 or q == 12 or q == 39 or q == 40) and _cert(title):
        out.append(46)
    if (
        st != "Resolved"
        and st != "Closed"
        and (
            "renazo" in text
            or "mapove" in text
            or "takate" in text
            or "meroni" in text
            or "polede" in text
        )
    ):
        out.append(47)
    if (q == 38 or q == 39 or q == 15 or q == 25) and _scan(title):
        out.append(48)
    if (
        st != "Resolved"
        and st != "Closed"
        and (
            "mepoti" in text
            or "bone" in text
            or "ronidure" in text
            or "besa" in text
            or "valetive" in text
        )
    ):
        out.append(49)
    return out
