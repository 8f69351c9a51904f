using Cocona.Filters;

namespace PlexSync.Simulator;

/// <summary>Refuses words that belong to no option, which Cocona passes over.</summary>
internal sealed class NoArgumentsAttribute : CommandFilterAttribute
{
    public override async ValueTask<int> OnCommandExecutionAsync(CoconaCommandExecutingContext ctx, CommandExecutionDelegate next)
    {
        if (ctx.ParsedCommandLine.Arguments.Count == 0) return await next(ctx);
        await Console.Error.WriteLineAsync($"\"{ctx.ParsedCommandLine.Arguments[0].Value}\" belongs to no option.");
        return ExitCodes.BadArguments;
    }
}
