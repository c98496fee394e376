//! Rebuilds when a migration is added or the console is built anew: both are embedded at compile time.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
    // a path that is not there would make every build begin anew
    let built = std::path::Path::new("../../console/dist").is_dir();
    println!("cargo:rerun-if-changed=../../console{}", if built { "/dist" } else { "" });
}
