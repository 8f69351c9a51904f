using PlexSync.Cli.Configuration;
using PlexSync.Cli.Output;

namespace PlexSync.Cli.Commands;

/// <summary>Lists the libraries of the server, as one user sees them.</summary>
internal sealed class LibrariesCommand(Run run)
{
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var session = await Session.SignInAsync(run, cancellationToken);
        var server = await session.ConnectAsync(cancellationToken);
        var user = await session.FindAsync(run.Settings.Get(Setting.From), cancellationToken);
        var seen = await session.SwitchAsync(server, user, cancellationToken);
        var libraries = (await seen.GetLibrariesAsync(cancellationToken))
            .Select(static library => new LibraryDocument($"{library.Key}", library.Title, library.Type, library.ItemType is not null))
            .ToList();
        run.Names.Replace(NameCache.Libraries, libraries.Select(static library => library.Title));

        if (run.IsJson)
        {
            JsonOutput.Write(
                run.Around.Out,
                new LibrariesDocument(ServerDocument.Of(seen), UserReferenceDocument.Of(user), libraries),
                JsonContext.Default.LibrariesDocument);
        }
        else
        {
            run.Screen.WriteTable(
                [run.Texts["Column_Name"], run.Texts["Column_Key"], run.Texts["Column_Type"], run.Texts["Column_Syncable"]],
                libraries.ConvertAll(
                    library => new[] { library.Title, library.Key, library.Type, run.Texts[library.Syncable ? "Yes" : "No"] }));
        }

        return ExitCode.Done;
    }
}
