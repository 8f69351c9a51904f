namespace PlexSync.Core.Tests.Synchronization;

/// <summary>No two runs on a user have one name.</summary>
public sealed class RunNameTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("plexsync-names-");

    [Fact]
    public void Name_that_is_taken_is_not_given_again()
    {
        var refused = new List<RunId>();

        var run = RunId.Create(TimeProvider.System, name =>
        {
            var isTaken = refused.Count < 3;
            refused.Add(name);
            return isTaken;
        });

        Assert.Equal(4, refused.Count);
        Assert.Equal(refused[^1], run);
    }

    [Fact]
    public void Journal_knows_the_names_of_its_runs()
    {
        var (server, user, run) = (MachineIdentifier.Parse("abc"), new UserId(7), RunId.Create(TimeProvider.System));
        var folder = _folder.CreateSubdirectory("server-abc").CreateSubdirectory("user-7").FullName;
        File.WriteAllText(Path.Combine(folder, $"{run}.jsonl"), "");
        IRunIndex index = new FileJournal(_folder.FullName);

        Assert.True(index.Has(server, user, run));
        Assert.False(index.Has(server, new UserId(8), run));
        Assert.False(index.Has(server, user, RunId.Parse("2026-11-22T10-00-00Z-ab12")));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
