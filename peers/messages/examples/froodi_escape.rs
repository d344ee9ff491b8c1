//! A request's service is moved into a task of its own.
use froodi::Container;

pub struct Auth(pub u32);

pub async fn handle(app: &Container) {
    let request = app.clone().enter_build().unwrap();
    let auth = request.get::<Auth>().unwrap();
    tokio::spawn(async move { auth.0 });
}

fn main() {}
