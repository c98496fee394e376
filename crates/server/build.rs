//! Rebuilds when a migration is added or the console is built anew: both are embedded at compile time.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=../../console/dist");
}
