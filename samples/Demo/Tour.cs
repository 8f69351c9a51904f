using PlexSync.Cli;

namespace PlexSync.Demo;

/// <summary>From a first look to a run that was taken back, in the order in which you would do it.</summary>
internal static class Tour
{
    public static async Task<int> RunAsync(Household household)
    {
        var kidBefore = household.StatesOf("Kid");
        var isDone = await ShowAsync(
                "A Plex Home: the owner has years of history, Kid and Teen have next to none.",
                "Un foyer Plex : Owner a des années d’historique, Kid et Teen n’en ont presque pas.",
                "users")
            && await ShowAsync(
                "What would Kid get from Owner? A dry run shows it and writes nothing.",
                "Que recevrait Kid d’Owner ? Une simulation le montre, sans rien écrire.",
                "sync", "--to", "Kid", "--dry-run")
            && await ShowAsync(
                "Why this film? Every item has a reason.",
                "Pourquoi ce film ? Chaque élément a une raison.",
                "explain", "--to", "Kid", "The Lighthouse Ledger")
            && await ShowAsync(
                "Now for real. Every change is read back from the server to confirm it.",
                "Cette fois pour de bon. Chaque modification est relue sur le serveur.",
                "sync", "--to", "Kid");
        var writes = household.Plex.Requests.Writes;
        isDone = isDone && await ShowAsync(
                "The same again: nothing is left to do, so nothing is written.",
                "La même commande : il n’y a plus rien à faire, donc rien n’est écrit.",
                "sync", "--to", "Kid")
            && household.Plex.Requests.Writes == writes
            && await ShowAsync(
                "For a nightly timer: one line for each user with news, so none for Kid here.",
                "Pour une tâche nocturne : une ligne par utilisateur s’il y a du nouveau.",
                "sync", "--to", "Kid", "--to", "Teen", "--quiet")
            && await ShowAsync(
                "Every run is recorded, with a number.",
                "Chaque exécution est enregistrée, avec un numéro.",
                "runs")
            && await ShowAsync(
                "Changed your mind about Kid? Undo run 1. It asks first; --yes answers here.",
                "Finalement, non ? L’exécution 1 est annulée (--yes répond à la question).",
                "undo", "1", "--yes")
            && household.StatesOf("Kid").SetEquals(kidBefore);
        if (!isDone)
        {
            await Console.Error.WriteLineAsync("This demo did not go as it should.");
            return 1;
        }

        Console.WriteLine();
        Console.WriteLine(household.IsFrench
            ? "# Kid a retrouvé son état de départ. À vous, sur votre serveur (installation : docs/fr/README.md) :"
            : "# Kid is back where it started. Now on your server (how to get plexsync: README.md):");
        Console.WriteLine("plexsync login");
        Console.WriteLine("plexsync doctor");
        Console.WriteLine(household.IsFrench ? "plexsync sync --to UTILISATEUR --dry-run" : "plexsync sync --to USER --dry-run");
        return 0;

        async Task<bool> ShowAsync(string caption, string captionInFrench, params string[] arguments)
        {
            Console.WriteLine();
            Console.WriteLine($"# {(household.IsFrench ? captionInFrench : caption)}");
            Console.WriteLine(Household.Line(arguments));
            return await household.RunAsync(arguments, Console.Out, Console.Error, ReadTerminal()) == 0;
        }
    }

    private static Terminal ReadTerminal()
    {
        var (isOutput, isError) = (!Console.IsOutputRedirected, !Console.IsErrorRedirected);
        return new Terminal
        {
            IsOutput = isOutput,
            IsError = isError,
            Width = isOutput && Console.WindowWidth is > 0 and var width ? width : Terminal.DefaultWidth,
        };
    }
}
