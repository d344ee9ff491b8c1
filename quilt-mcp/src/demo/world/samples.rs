//! The sample data: small, and plausible enough to ask questions about.

/// An object that exists when the demo starts.
pub(in crate::demo) struct Sample {
    pub(in crate::demo) bucket: &'static str,
    pub(in crate::demo) key: &'static str,
    pub(in crate::demo) content_type: &'static str,
    pub(in crate::demo) text: &'static str,
}

/// All of them.
pub(in crate::demo) static SAMPLES: [Sample; 8] = [
    Sample {
        bucket: "lab-a-plants",
        key: "README.md",
        content_type: "text/markdown",
        text: "\
# Basil under two lamps

Twelve basil plants, six under a white lamp and six under a red-blue lamp. Two of each six were measured for three weeks.

- `growth/2025-03.csv`: one row per measured plant and week, height in millimetres
- `growth/plants.json`: which plant stood under which lamp

Plant 7 was watered twice on 2025-03-10 by mistake; its third measurement is flagged.
",
    },
    Sample {
        bucket: "lab-a-plants",
        key: "growth/2025-03.csv",
        content_type: "text/csv",
        text: "\
date,plant,lamp,height_mm,leaves,flag
2025-03-03,1,white,41,4,
2025-03-03,2,white,39,4,
2025-03-03,7,red-blue,40,4,
2025-03-03,8,red-blue,42,4,
2025-03-10,1,white,63,7,
2025-03-10,2,white,60,6,
2025-03-10,7,red-blue,71,8,
2025-03-10,8,red-blue,74,8,
2025-03-17,1,white,88,11,
2025-03-17,2,white,85,10,
2025-03-17,7,red-blue,97,12,overwatered
2025-03-17,8,red-blue,109,14,
",
    },
    Sample {
        bucket: "lab-a-plants",
        key: "growth/plants.json",
        content_type: "application/json",
        text: r#"{
  "species": "Ocimum basilicum",
  "sown": "2025-02-10",
  "lamps": {
    "white": { "plants": [1, 2, 3, 4, 5, 6], "hours_per_day": 14 },
    "red-blue": { "plants": [7, 8, 9, 10, 11, 12], "hours_per_day": 14 }
  }
}
"#,
    },
    Sample {
        bucket: "lab-a-drafts",
        key: "README.md",
        content_type: "text/markdown",
        text: "\
# Drafts

Work that is not ready to be read by the whole lab. Only researchers of lab A can open this bucket.
",
    },
    Sample {
        bucket: "lab-a-drafts",
        key: "basil-note.md",
        content_type: "text/markdown",
        text: "\
# Do red-blue lamps make taller basil?

After one week the two plants measured under the red-blue lamp are 18 % taller on average than those under the white
lamp (72.5 mm against 61.5 mm on 2025-03-10). Two plants a lamp are too few, and plant 7 was overwatered: repeat first.
",
    },
    Sample {
        bucket: "lab-b-sensors",
        key: "README.md",
        content_type: "text/markdown",
        text: "\
# Cold room sensors

Temperature and humidity of two cold rooms, read every 15 minutes. The set point of both rooms is 4.0 degrees Celsius.

- `readings/2025-05-06.csv`: the morning when the door of room 2 stood open
- `sensors.json`: place, model and last calibration of each sensor
",
    },
    Sample {
        bucket: "lab-b-sensors",
        key: "readings/2025-05-06.csv",
        content_type: "text/csv",
        text: "\
time,sensor,temperature_c,humidity_pct
2025-05-06T08:00:00Z,room-1,4.1,62
2025-05-06T08:00:00Z,room-2,4.0,61
2025-05-06T08:15:00Z,room-1,4.0,62
2025-05-06T08:15:00Z,room-2,6.8,70
2025-05-06T08:30:00Z,room-1,4.1,61
2025-05-06T08:30:00Z,room-2,9.3,78
2025-05-06T08:45:00Z,room-1,4.0,62
2025-05-06T08:45:00Z,room-2,5.2,69
2025-05-06T09:00:00Z,room-1,4.0,62
2025-05-06T09:00:00Z,room-2,4.1,63
",
    },
    Sample {
        bucket: "lab-b-sensors",
        key: "sensors.json",
        content_type: "application/json",
        text: r#"[
  { "sensor": "room-1", "model": "TH-20", "shelf": 3, "calibrated": "2025-01-14" },
  { "sensor": "room-2", "model": "TH-20", "shelf": 2, "calibrated": "2025-01-14" }
]
"#,
    },
];
