// Keeps Home users in step while they watch, for as long as it runs. Everything is in appsettings.json but the token, which is secret (and
// PINs, PlexSync__Pins__NAME):
//   PlexSync__Token=… dotnet run --project samples/WorkerService
// or, where DOTNET_ENVIRONMENT is Development: dotnet user-secrets set PlexSync:Token …
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });

builder.Services.AddPlexSync(builder.Configuration);

await builder.Build().RunAsync();
