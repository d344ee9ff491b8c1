//! Administration. Everybody in these cases administers the registry of their issuer, so each may do everything; the names of
//! accounts keep the turns apart.

use quilt_tests::Result;
use serde_json::{Value, json};

use super::{
    Case, Other, Turn, Verdict, anything, keeps_to_its_caller, nothing, refuses_bad_tokens, require,
};

/// Who asks in some turn.
const ASKERS: [&str; 2] = ["ada", "ben"];

macro_rules! about_an_account {
    ($tool:literal, $what:literal, $ask:expr, $check:expr) => {
        Case {
            tool: $tool,
            before: |turn| accounts(turn, $what),
            ask: |turn| {
                let mut arguments: Value = $ask;
                arguments["name"] = account(turn, turn.asker.name(), $what).into();
                arguments
            },
            own: $check,
            other: Other::OwnAnswer($check),
        }
    };
}

pub(crate) const CASES: &[Case] = &[
    Case {
        tool: "admin_users_list",
        before: nothing,
        ask: |_| json!({}),
        own: |turn, answer| {
            require(answer.everything().contains(&turn.asker.subject), "not in the list", answer)
        },
        other: Other::OwnAnswer(anything),
    },
    about_an_account!("admin_user_get", "shown", json!({}), |turn, answer| {
        let name = account(turn, turn.asker.name(), "shown");
        require(answer.structured["user"]["name"] == name.as_str(), "not the account", answer)
    }),
    Case {
        tool: "admin_user_create",
        before: nothing,
        ask: |turn| create(&account(turn, turn.asker.name(), "created")),
        own: created,
        other: Other::OwnAnswer(created),
    },
    about_an_account!("admin_user_set_email", "email", json!({"email": "new@example.com"}), |_, answer| {
        require(answer.structured["user"]["email"] == "new@example.com", "not the address", answer)
    }),
    about_an_account!("admin_user_set_admin", "admin", json!({"admin": true}), |_, answer| {
        require(answer.structured["user"]["is_admin"] == true, "no administrator", answer)
    }),
    about_an_account!("admin_user_set_active", "active", json!({"active": false}), |_, answer| {
        require(answer.structured["user"]["is_active"] == false, "still active", answer)
    }),
    about_an_account!("admin_user_reset_password", "password", json!({}), anything),
    about_an_account!(
        "admin_user_set_role",
        "role",
        json!({"role": "Analysts", "extra_roles": ["ReadQuiltBuckets"]}),
        |_, answer| {
            let user = &answer.structured["user"];
            let right = user["role"]["type"] == "managed" && user["extra_roles"][0]["type"] == "unmanaged";
            require(right, "not the roles", answer)
        }
    ),
    about_an_account!("admin_user_add_roles", "more-roles", json!({"roles": ["Analysts"]}), |_, answer| {
        require(answer.structured["user"]["extra_roles"][0]["name"] == "Analysts", "not the role", answer)
    }),
    about_an_account!(
        "admin_user_remove_roles",
        "fewer-roles",
        json!({"roles": ["ReadQuiltBuckets"], "fallback": "Analysts"}),
        |_, answer| require(answer.structured["user"]["role"]["name"] == "Analysts", "not the role", answer)
    ),
    about_an_account!("admin_user_delete", "deleted", json!({}), anything),
    Case {
        tool: "admin_roles_list",
        before: nothing,
        ask: |_| json!({}),
        own: |_, answer| require(answer.structured["count"] == 3, "not the three roles", answer),
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "admin_sso_config_get",
        before: nothing,
        ask: |_| json!({}),
        own: anything,
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "admin_sso_config_set",
        before: nothing,
        ask: |turn| json!({"config": {"version": "1.0", "by": turn.asker.subject}}),
        own: uploaded_by_the_asker,
        other: Other::OwnAnswer(uploaded_by_the_asker),
    },
    Case {
        tool: "admin_sso_config_remove",
        before: nothing,
        ask: |_| json!({}),
        own: |_, answer| require(answer.structured.get("sso_config").is_none(), "still there", answer),
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "admin_tabulator_open_query_get",
        before: nothing,
        ask: |_| json!({}),
        own: anything,
        other: Other::OwnAnswer(anything),
    },
    Case {
        tool: "admin_tabulator_open_query_set",
        before: nothing,
        ask: |_| json!({"enabled": true}),
        own: |_, answer| require(answer.structured["open_query_enabled"] == true, "not enabled", answer),
        other: Other::OwnAnswer(anything),
    },
];

fn account(turn: &Turn<'_>, asker: &str, what: &str) -> String {
    format!("{}-for-{asker}", turn.named(what))
}

fn create(name: &str) -> Value {
    json!({"name": name, "email": format!("{name}@example.com"), "role": "ReadQuiltBuckets"})
}

/// One for each asker, so that no two turns meet. Where there are others than these two, each asks for their own alone.
fn accounts(turn: &Turn<'_>, what: &str) -> Vec<(&'static str, Value)> {
    let owner = [turn.owner.name()];
    let askers = if ASKERS.contains(&owner[0]) { &ASKERS[..] } else { &owner };
    askers.iter().map(|asker| ("admin_user_create", create(&account(turn, asker, what)))).collect()
}

fn created(turn: &Turn<'_>, answer: &quilt_tests::client::Answer) -> Verdict {
    let name = account(turn, turn.asker.name(), "created");
    require(answer.structured["user"]["name"] == name.as_str(), "not the account", answer)
}

fn uploaded_by_the_asker(turn: &Turn<'_>, answer: &quilt_tests::client::Answer) -> Verdict {
    let config = &answer.structured["sso_config"];
    let own = config["uploader"]["name"] == turn.asker.subject.as_str()
        && config["text"].as_str().is_some_and(|text| text.contains(&turn.asker.subject));
    require(own, "not the asker's configuration", answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_tools_keep_to_their_caller() -> Result<()> {
    keeps_to_its_caller(CASES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_tools_refuse_bad_tokens() -> Result<()> {
    refuses_bad_tokens(CASES).await
}
