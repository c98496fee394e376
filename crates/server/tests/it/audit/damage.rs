//! What somebody who can write to the database, and has no key, does to the log: each of it is found, and the report's
//! first finding names the first bad row.

use mandate::audit::Finding;

use super::log::Log;

/// Statements, with `{a}` < `{b}` two places and `{end}` the last; what the first finding says without a kept head; and
/// with one, where that is more. A place behind the kind is the row that must be named, as it stood before.
pub type Damage = (&'static str, &'static [&'static str], &'static str, Option<&'static str>);

macro_rules! copied {
    ($place:literal) => {
        concat!(
            "INSERT INTO audit_events \
             (owner, seq, id, at, event, body, personal, salt, commitment, mac, link, hash) \
             SELECT owner, seq + 100000, id, at, event, body, personal, salt, commitment, mac, ",
            $place,
            ", hash FROM audit_events WHERE link = {a}"
        )
    };
}

/// Of rows of either form.
pub const OF_ROWS: &[Damage] = &[
    (
        "a fact is changed",
        &["UPDATE audit_events SET body = replace(body, 'success', 'denied') WHERE link = {a}"],
        "changed a",
        None,
    ),
    (
        "a byte of a fact is changed",
        &["UPDATE audit_events SET body = replace(body, 'success', 'Success') WHERE link = {a}"],
        "changed a",
        None,
    ),
    (
        "an act is renamed",
        &["UPDATE audit_events SET event = 'auth.logout' WHERE link = {a}"],
        "changed a",
        None,
    ),
    ("an act is moved in time", &["UPDATE audit_events SET at = at + 1 WHERE link = {a}"], "changed a", None),
    ("an id is replaced", &["UPDATE audit_events SET id = owner WHERE link = {a}"], "changed ?", None),
    (
        "an act is given to somebody else",
        &[
            "UPDATE audit_events SET seq = seq + 100000, owner = (SELECT c.owner FROM audit_counters c WHERE c.owner <> audit_events.owner ORDER BY c.owner DESC LIMIT 1) WHERE link = {a}",
        ],
        "changed a",
        None,
    ),
    (
        "a number is changed",
        &["UPDATE audit_events SET seq = seq + 100000 WHERE link = {a}"],
        "changed a",
        None,
    ),
    (
        "the commitment is replaced",
        &["UPDATE audit_events SET commitment = mac WHERE link = {a}"],
        "changed a",
        None,
    ),
    ("the MAC is garbage", &["UPDATE audit_events SET mac = commitment WHERE link = {a}"], "changed a", None),
    (
        "the MAC is another row's",
        &[
            "UPDATE audit_events SET mac = (SELECT o.mac FROM audit_events o WHERE o.link = {b}) WHERE link = {a}",
        ],
        "changed a",
        None,
    ),
    (
        "an address is changed",
        &["UPDATE audit_events SET personal = replace(personal, '127', '128') WHERE link = {a}"],
        "personal_changed a",
        None,
    ),
    (
        "an address is forged without its salt",
        &["UPDATE audit_events SET personal = replace(personal, '127', '128'), salt = NULL WHERE link = {a}"],
        "personal_changed a",
        None,
    ),
    (
        "an address is taken out",
        &["UPDATE audit_events SET personal = NULL WHERE link = {a}"],
        "personal_changed a",
        None,
    ),
    (
        "a salt is changed",
        &["UPDATE audit_events SET salt = mac WHERE link = {a}"],
        "personal_changed a",
        None,
    ),
    (
        "a row at place 0 is rewritten",
        &[
            "UPDATE audit_events SET link = 0, body = replace(body, 'success', 'denied'), mac = commitment WHERE link = {a}",
        ],
        "misplaced a",
        None,
    ),
    (
        "a row at place 0 is left whole",
        &["UPDATE audit_events SET link = 0 WHERE link = {a}"],
        "misplaced a",
        None,
    ),
    (
        "a row below 0 is rewritten",
        &[
            "UPDATE audit_events SET link = -link, body = replace(body, 'success', 'denied'), mac = commitment WHERE link = {a}",
        ],
        "misplaced a",
        None,
    ),
    ("a place is taken away", &["UPDATE audit_events SET link = NULL WHERE link = {a}"], "unlinked a", None),
    (
        "a place is taken away and the row rewritten",
        &[
            "UPDATE audit_events SET link = NULL, mac = commitment, body = replace(body, 'success', 'denied') WHERE link = {a}",
        ],
        "unlinked a",
        None,
    ),
    (
        "two rows change places",
        &[
            "UPDATE audit_events SET link = -2000000 - link WHERE link IN ({a}, {b})",
            "UPDATE audit_events SET link = CASE link WHEN -2000000 - {a} THEN {b} ELSE {a} END WHERE link < 0",
        ],
        "reordered b",
        None,
    ),
    ("a row is dropped", &["DELETE FROM audit_events WHERE link = {a}"], "dropped a+1", None),
    (
        "ten rows are dropped",
        &["DELETE FROM audit_events WHERE link >= {b} AND link < {b} + 10"],
        "dropped b+10",
        None,
    ),
    (
        "a row is dropped and the hole closed",
        &[
            "DELETE FROM audit_events WHERE link = {a}",
            "UPDATE audit_events SET link = 1 - link WHERE link > {a}",
            "UPDATE audit_events SET link = -link WHERE link < 0",
        ],
        "reordered a+1",
        None,
    ),
    ("a row is invented before it has a place", &[copied!("NULL")], "unlinked a", None),
    (
        "the counter is raised",
        &[
            "UPDATE audit_counters SET seq = seq + 1 WHERE owner = (SELECT owner FROM audit_events WHERE link = {a})",
        ],
        "dropped -",
        None,
    ),
    (
        "the counter is gone",
        &["DELETE FROM audit_counters WHERE owner = (SELECT owner FROM audit_events WHERE link = {a})"],
        "inserted ?",
        None,
    ),
    ("the last row is dropped", &["DELETE FROM audit_events WHERE link = {end}"], "truncated -", None),
    (
        "the last row is dropped and its counter set back",
        &[
            "UPDATE audit_counters SET seq = seq - 1 WHERE owner = (SELECT owner FROM audit_events WHERE link = {end})",
            "DELETE FROM audit_events WHERE link = {end}",
        ],
        "truncated -",
        None,
    ),
];

/// Of the old form's chain.
pub const OF_CHAINS: &[Damage] = &[
    (
        "a row is put beyond the head",
        &["UPDATE audit_events SET link = link + 1000000 WHERE link = {a}"],
        "dropped a+1",
        None,
    ),
    ("a row is invented behind the head", &[copied!("{end} + 1")], "changed a", None),
    (
        "a row's hash is garbage",
        &["UPDATE audit_events SET hash = mac WHERE link = {a}"],
        "reordered a",
        None,
    ),
    (
        "a head inside the chain is gone",
        &["DELETE FROM audit_heads WHERE link = (SELECT MIN(link) FROM audit_heads)"],
        "head ?",
        None,
    ),
    ("the newest head is gone", &["DELETE FROM audit_heads WHERE link = {end}"], "head -", None),
    ("all heads are gone", &["DELETE FROM audit_heads"], "head -", None),
    (
        "a head's signature is garbage",
        &["UPDATE audit_heads SET signature = hash WHERE link = {end}"],
        "head end",
        None,
    ),
    (
        "a head's hash is garbage",
        &["UPDATE audit_heads SET hash = signature WHERE link = {end}"],
        "head end",
        None,
    ),
    ("a head is moved in time", &["UPDATE audit_heads SET at = at + 1 WHERE link = {end}"], "head end", None),
    (
        "rows after a head are rewritten and its successors taken away",
        &[
            "UPDATE audit_events SET link = -link, mac = commitment WHERE link > (SELECT MIN(link) FROM audit_heads)",
            "DELETE FROM audit_heads WHERE link > (SELECT MIN(link) FROM audit_heads)",
        ],
        "misplaced end",
        None,
    ),
    // Without a head that was kept elsewhere nobody can see this one: that is what heads are exported for.
    (
        "tail, heads and counters are cut at a head",
        &[
            "DELETE FROM audit_events WHERE link > (SELECT MIN(link) FROM audit_heads)",
            "DELETE FROM audit_heads WHERE link > (SELECT MIN(link) FROM audit_heads)",
            "UPDATE audit_counters SET seq = (SELECT MAX(e.seq) FROM audit_events e WHERE e.owner = audit_counters.owner)",
        ],
        "whole",
        Some("truncated -"),
    ),
    (
        "log, heads and counters are deleted",
        &["DELETE FROM audit_events", "DELETE FROM audit_heads", "DELETE FROM audit_counters"],
        "whole",
        Some("truncated -"),
    ),
];

/// Does it, looks, puts it back; says what is not as expected.
pub async fn tried(log: &Log, seed: u64, damage: &Damage, kept: &mandate::audit::Head) -> Vec<String> {
    let (name, statements, without, with) = damage;
    let (a, b) = log.places(seed);
    let end = log.ids.len();
    for sql in *statements {
        let sql = [("{a}", a), ("{b}", b), ("{end}", end)]
            .iter()
            .fold((*sql).to_owned(), |sql, (word, place)| sql.replace(word, &place.to_string()));
        assert!(log.run(&sql).await > 0, "{name}: nothing changed by {sql}");
    }
    let mut wrong = Vec::new();
    for (head, expected) in [(None, *without), (Some(kept), with.unwrap_or(without))] {
        let found = log.audit.verify(head, |_| ()).await.unwrap().findings;
        if !says(log, (a, b), found.first(), expected) {
            let kept = if head.is_some() { "with" } else { "without" };
            wrong
                .push(format!("{name} ({kept} a head, a {a}, b {b}): {expected} expected, found {found:#?}"));
        }
    }
    log.restore().await;
    wrong
}

fn says(log: &Log, (a, b): (usize, usize), found: Option<&Finding>, expected: &str) -> bool {
    let Some((kind, place)) = expected.split_once(' ') else { return found.is_none() };
    let Some(found) = found.filter(|found| found.kind == kind) else { return false };
    let place = match place {
        "?" => return found.event_id.is_some(),
        "-" => return found.event_id.is_none(),
        "a" => a,
        "a+1" => a + 1,
        "b" => b,
        "b+10" => b + 10,
        "end" => log.ids.len(),
        other => panic!("no place {other}"),
    };
    found.event_id.as_deref() == Some(&format!("evt_{}", log.ids[place - 1].simple()))
}
