using Cocona;
using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Lists the libraries of the server, as one user sees them.</summary>
internal sealed class LibrariesCommand(CommandContext context)
{
    [Command("libraries")]
    public async Task<int> RunAsync([Option("from", ValueName = "USER")] Given? from, CancellationToken cancellationToken)
    {
        using var session = await Session.SignInAsync(context, cancellationToken);
        var server = await session.ConnectAsync(cancellationToken);
        var user = await session.FindAsync(from?.Value, cancellationToken);
        var seen = await session.SwitchAsync(server, user, cancellationToken);
        var libraries = (await seen.GetLibrariesAsync(cancellationToken))
            .Select(static library => new LibraryDocument($"{library.Key}", library.Title, library.Type, library.ItemType is not null))
            .ToList();
        context.Names.Replace(NameCache.Libraries, libraries.Select(static library => library.Title));

        if (context.IsJson)
        {
            JsonOutput.Write(
                context.Console.Out,
                new LibrariesDocument(ServerDocument.Of(seen), UserReferenceDocument.Of(user), libraries),
                JsonContext.Default.LibrariesDocument);
        }
        else
        {
            context.Screen.WriteTable(
                [context.Texts["Column_Name"], context.Texts["Column_Key"], context.Texts["Column_Type"], context.Texts["Column_Syncable"]],
                libraries.ConvertAll(
                    library => new[]
                    {
                        library.Title, library.Key, context.Texts.LibraryType(library.Type), context.Texts[library.Syncable ? "Yes" : "No"],
                    }));
        }

        return ExitCode.Done;
    }
}
