namespace PlexSync.Cli.Tests;

/// <summary>
/// What people get wrong with the options that choose whom, what and how: one sentence, exit code 2, and nothing written.
/// </summary>
public sealed class ChoiceInputTests
{
    [Theory]
    [InlineData(
        "--policy is “latest”; it must be one of: copy, fill, furthest, newest, mirror.", "sync", "--to", "Kid", "--policy", "latest")]
    [InlineData(
        "--policy is “latest”; it must be one of: copy, fill, furthest, newest, mirror.",
        "explain",
        "Movie 2",
        "--to",
        "Kid",
        "--policy",
        "latest")]
    [InlineData(
        "--policy is “latest”; it must be one of: furthest, newest.", "merge", "--user", "Owner", "--user", "Kid", "--policy", "latest")]
    [InlineData("The policy “mirror” does not work for a merge", "merge", "--user", "Owner", "--user", "Kid", "--policy", "mirror")]
    [InlineData("The policy “copy” does not work for a merge", "merge", "--user", "Owner", "--user", "Kid", "--policy", "copy")]
    [InlineData(
        "“mirror” makes one user an exact copy of the other, so it cannot be combined with --two-way.",
        "sync",
        "--to",
        "Kid",
        "--policy",
        "mirror",
        "--two-way")]
    [InlineData("--since is “tomorrow”; it must be a date up to today", "sync", "--to", "Kid", "--since", "tomorrow")]
    [InlineData("--since is “2999-01-01”; it must be a date up to today", "sync", "--to", "Kid", "--since", "2999-01-01")]
    [InlineData("--since is “0d”", "sync", "--to", "Kid", "--since", "0d")]
    [InlineData("--since is “d”", "sync", "--to", "Kid", "--since", "d")]
    [InlineData("--since is “2026-02-30”", "sync", "--to", "Kid", "--since", "2026-02-30")]
    [InlineData("--match is “x”; it must be one of: auto, key, guid.", "sync", "--to", "Kid", "--match", "x")]
    [InlineData("--only is “x”; it must be one of: watched, progress.", "sync", "--to", "Kid", "--only", "x")]
    [InlineData("--type is “x”; it must be one of: movie, episode, track.", "sync", "--to", "Kid", "--type", "x")]
    [InlineData("--type is “x”; it must be one of: movie, episode, track.", "sync", "--to", "Kid", "--type", "!x")]
    [InlineData("--type leaves nothing to sync.", "sync", "--to", "Kid", "--type", "!movie", "--type", "!episode")]
    [InlineData("--library needs a value.", "sync", "--to", "Kid", "--library", "!")]
    [InlineData("A merge needs at least two users: use --user once for each.", "merge", "--user", "Kid")]
    [InlineData("A merge needs at least two users", "merge")]
    [InlineData("--except works only with --to-all: add --to-all, or remove --except.", "sync", "--to", "Kid", "--except", "Teen")]
    [InlineData("--to-all already includes all Home users. Remove --to,", "sync", "--to-all", "--to", "Kid")]
    [InlineData("--to-token-file works only with --to-server: add --to-server, or remove --to-token-file.",
        "sync", "--to", "Kid", "--to-token-file", "token.txt")]
    [InlineData(
        "--match key works only on one server. With --to-server, use auto or guid.",
        "sync",
        "--to",
        "Nina",
        "--to-server",
        "Den",
        "--match",
        "key")]
    [InlineData("--to can be used only once.", "explain", "Movie 2", "--to", "Kid", "--to", "Teen")]
    [InlineData("Missing argument after “plexsync explain”: TITLE", "explain", "--to", "Kid")]
    [InlineData("Missing argument after “plexsync explain”: TITLE", "explain", " ", "--to", "Kid")]
    [InlineData("“plexsync merge” has no option --two-way.", "merge", "--user", "Owner", "--user", "Kid", "--two-way")]
    [InlineData("“plexsync explain” has no option --to-all.", "explain", "Movie 2", "--to-all")]
    public async Task Wrong_words_are_answered_with_one_sentence(string sentence, params string[] args)
    {
        await using var household = await Household.StartAsync();

        await RefusedInBothLanguagesAsync(household, sentence, args);

        Assert.Equal(0, household.Plex.Requests.Count);
    }

    [Theory]
    [InlineData(
        "--policy vaut «\u00A0latest\u00A0»\u202F; valeurs possibles\u00A0: copy, fill, furthest, newest, mirror.",
        "sync",
        "--to",
        "Kid",
        "--policy",
        "latest")]
    [InlineData(
        "--since vaut «\u00A0tomorrow\u00A0»\u202F; la valeur doit être une date passée", "sync", "--to", "Kid", "--since", "tomorrow")]
    [InlineData("Une fusion demande au moins deux utilisateurs\u00A0: utilisez --user une fois pour chacun.", "merge", "--user", "Kid")]
    [InlineData("--except ne fonctionne qu’avec --to-all : ajoutez --to-all, ou retirez --except.",
        "sync", "--to", "Kid", "--except", "Teen")]
    public async Task Wrong_words_are_answered_in_French_too(string sentence, params string[] args)
    {
        await using var household = await Household.StartAsync();

        await RefusedAsync(household, sentence, [.. args, "--lang", "fr"]);
    }

    [Theory]
    [InlineData("“Kid” is given twice. Give each user once.", "merge", "--user", "Kid", "--user", "id:1002")]
    [InlineData("“Kid” is given twice. Give each user once.", "merge", "--user", "Owner", "--user", "Kid", "--user", "KID")]
    [InlineData("“Kid” is both source and target, or is given twice", "sync", "--to", "Kid", "--to", "id:1002")]
    [InlineData("“Owner” is both source and target", "explain", "Movie 2", "--to", "Owner")]
    [InlineData(
        "There is no user “Tean” in the Home or among the friends of this account. Did you mean: Teen",
        "sync",
        "--to-all",
        "--except",
        "Tean")]
    [InlineData("--to-all: no user in the Home is left to copy to.", "sync", "--to-all", "--except", "Kid", "--except", "Teen")]
    [InlineData("There is no label “Together” in these libraries.", "sync", "--to", "Kid", "--label", "Together")]
    [InlineData("There is no collection “Cosy” in these libraries.", "sync", "--to", "Kid", "--collection", "Cosy")]
    [InlineData("--quorum", "merge", "--user", "Owner", "--user", "Kid", "--quorum", "3")]
    [InlineData("--quorum", "merge", "--user", "Owner", "--user", "Kid", "--quorum", "0")]
    [InlineData("There is no show or artist “Shou 1” in these libraries. Did you mean: Show 1", "sync", "--to", "Kid", "--show", "Shou 1")]
    [InlineData(
        "There is no movie, show or music library “Movie” on this server. Available: Movies, TV Shows",
        "sync",
        "--to",
        "Kid",
        "--library",
        "!Movie")]
    [InlineData("The account has no server “Denn”.", "sync", "--to", "Kid", "--to-server", "Denn")]
    public async Task Wrong_names_are_answered_with_one_sentence(string sentence, params string[] args)
    {
        await using var household = await Household.StartAsync();

        await RefusedInBothLanguagesAsync(household, sentence, [.. args, "--quiet"]);
    }

    [Theory]
    [InlineData("policyNotFound", "--policy", "latest")]
    [InlineData("usage", "--policy", "mirror", "--two-way")]
    [InlineData("usage", "--since", "tomorrow")]
    [InlineData("showNotFound", "--show", "Shou 1")]
    [InlineData("labelNotFound", "--label", "Together")]
    [InlineData("collectionNotFound", "--collection", "key:9")]
    public async Task Wrong_words_have_a_kind_for_scripts(string kind, params string[] args)
    {
        await using var household = await Household.StartAsync();

        var result = await household.RunAsync(["sync", "--to", "Kid", "--json", .. args]);

        Assert.Equal(2, result.ExitCode);
        Assert.Equal(kind, result.Json.GetProperty("error").GetProperty("kind").GetString());
    }

    private static async Task RefusedInBothLanguagesAsync(Household household, string sentence, string[] args)
    {
        var english = await RefusedAsync(household, sentence, args);
        var french = await RefusedAsync(household, "", [.. args, "--lang", "fr"]);

        Assert.NotEqual(english.Error, french.Error);
    }

    private static async Task<Result> RefusedAsync(Household household, string sentence, string[] args)
    {
        var result = await household.RunWithoutWritingAsync(args);

        Assert.StartsWith($"plexsync: {sentence}", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(static letter => letter == '\n'));
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        return result;
    }
}
