// Keeps Home users up to date for as long as it runs. Everything is in appsettings.json but the token, which is secret (and PINs,
// PlexSync__Pins__NAME):
//   PlexSync__Token=… dotnet run --project samples/WorkerService
// or, where DOTNET_ENVIRONMENT is Development: dotnet user-secrets set PlexSync:Token …
using WorkerService;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddPlexSyncWorker();
await builder.Build().RunAsync();
