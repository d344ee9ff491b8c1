//! Three ways to test a tool: as the function that it is, with a fake in a slot, and as a client calls it.

use std::io::{Write, stdout};

use quilt_scope::{BoxError, CallError, Scope, Slot, ToolSet, scoped_tool, service, tool_set};

/// Where the weather comes from. In production it is far away.
struct Station {
    degrees: i32,
}

#[service]
impl Station {
    async fn new() -> Result<Self, BoxError> {
        Err("the station does not answer".into())
    }
}

struct Forecast<'req> {
    station: &'req Station,
}

#[service]
impl<'req> Forecast<'req> {
    fn new(station: &'req Station) -> Self {
        Self { station }
    }

    fn tomorrow(&self) -> i32 {
        self.station.degrees + 1
    }
}

/// How warm it will be.
#[scoped_tool(read_only)]
async fn temperature(forecast: &Forecast<'_>, #[range(1..=3)] days: i32) -> Result<i32, BoxError> {
    Ok(forecast.tomorrow() * days)
}

#[derive(Scope)]
struct App {}

#[derive(Scope)]
struct RequestScope<'req> {
    #[scope(parent)]
    app: &'req App,
    forecast: Slot<Forecast<'req>>,
    station: Slot<Station>,
}

/// No container at all: two values and a call.
async fn as_a_function() -> Result<(), BoxError> {
    let station = Station { degrees: 20 };
    assert_eq!(temperature(&Forecast::new(&station), 1).await?, 21);
    Ok(())
}

/// `Forecast` is built by its constructor, and sees the fake.
async fn with_a_fake() -> Result<(), BoxError> {
    let app = App::open();
    let scope = RequestScope::open(&app);
    scope.station.fill(Station { degrees: 30 }).map_err(|_| "it is filled before anybody asks")?;
    let forecast = scope.get::<Forecast<'_>>().await?;
    assert_eq!(temperature(forecast, 1).await?, 31);
    Ok(())
}

/// With arguments as JSON, checked before anything is built.
async fn as_a_client_calls_it() -> Result<(), BoxError> {
    let tools: ToolSet<RequestScope<'static>> = tool_set![RequestScope<'static>: temperature];
    let app = App::open();
    let scope = RequestScope::open(&app);
    let call = |days: i32| {
        let arguments = [("days".to_owned(), days.into())].into_iter().collect();
        tools.call("temperature", &scope, arguments).ok_or("no such tool")
    };
    let Err(CallError::Arguments(error)) = call(4)?.await else { return Err("4 is too many".into()) };
    assert_eq!(error.path(), "days");
    // The station was never asked, so it can still be replaced.
    scope.station.fill(Station { degrees: 10 }).map_err(|_| "nothing was built")?;
    assert_eq!(call(2)?.await?, 22);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), BoxError> {
    show(&mut stdout()).await
}

/// Tests it in each way, and writes that they agree.
pub(crate) async fn show(out: &mut dyn Write) -> Result<(), BoxError> {
    as_a_function().await?;
    with_a_fake().await?;
    as_a_client_calls_it().await?;
    writeln!(out, "all three agree")?;
    Ok(())
}
