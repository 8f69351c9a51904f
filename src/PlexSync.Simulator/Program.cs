using Cocona;
using Cocona.Application;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PlexSync.Simulator;

var builder = CoconaApp.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddSingleton<ICoconaApplicationMetadataProvider, AboutTheProgram>();
var app = builder.Build();
app.AddCommands<SimulatorCommand>();
await app.RunAsync();

// Cocona has numbers of its own for having shown the help, and for what made no sense to it.
return SimulatorCommand.HasBegun || args.Contains("--version") ? Environment.ExitCode
    : args.Any(static word => word is "--help" or "-h") ? ExitCodes.Done
    : ExitCodes.BadArguments;
