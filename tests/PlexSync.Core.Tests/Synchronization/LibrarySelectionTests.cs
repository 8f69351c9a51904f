namespace PlexSync.Core.Tests.Synchronization;

/// <summary>Which libraries a name means, at the source and at the target.</summary>
public sealed class LibrarySelectionTests
{
    private static readonly Library[] Source = [Movies(1, "Kids"), Movies(2, "KIDS"), Movies(3, "1"), Movies(4, "Docs")];

    [Theory]
    [InlineData("Kids", "1")]
    [InlineData("KIDS", "2")]
    [InlineData("key:1", "1")]
    [InlineData("2", "2")]
    [InlineData(" docs\u200B", "4")]
    public void Choose_takes_the_one_library_that_is_meant(string name, string key) =>
        Assert.Equal(key, Assert.Single(LibrarySelection.Choose(Source, new SyncOptions { Libraries = [name] })).Key.ToString());

    [Theory]
    [InlineData("kids", "Kids (key:1)", "KIDS (key:2)")]
    [InlineData("1", "Kids (key:1)", "1 (key:3)")]
    public void Choose_is_ambiguous_when_a_name_is_the_title_or_the_key_of_several(string name, params string[] candidates)
    {
        var error = Assert.Throws<PlexException>(() => LibrarySelection.Choose(Source, new SyncOptions { Libraries = [name] }));

        Assert.Equal(PlexErrorKind.LibraryAmbiguous, error.Kind);
        Assert.Equal(candidates, error.Candidates);
    }

    [Theory]
    [InlineData("Kids", "2 3 4 5")]
    [InlineData("key:2", "1 3 4 5")]
    [InlineData("key:4", "1 2 3")]
    [InlineData("docs", "1 2 3")]
    public void Candidates_on_the_same_server_are_all_but_the_excluded_one_and_namesakes_that_the_source_does_not_see(
        string excluded, string keys) =>
        Assert.Equal(keys, Candidates([.. Source, Movies(5, "DOCS")], excluded, isSameServer: true));

    [Theory]
    [InlineData("key:4", "2 3")]
    [InlineData("4", "2 3")]
    [InlineData("Docs", "2 3")]
    [InlineData("key:3", "1 2 3")]
    public void Candidates_on_another_server_are_all_but_those_titled_like_the_excluded_one(string excluded, string keys) =>
        Assert.Equal(keys, Candidates([Movies(1, "docs"), Movies(2, "Films"), Movies(3, "4")], excluded, isSameServer: false));

    private static string Candidates(Library[] all, string excluded, bool isSameServer) =>
        string.Join(' ', LibrarySelection.Candidates(all, Source, new SyncOptions { ExcludedLibraries = [excluded] }, isSameServer)
            .Select(static library => library.Key));

    private static Library Movies(int key, string title) => new() { Key = LibraryKey.Parse($"{key}"), Title = title, Type = "movie" };
}
