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

    public void Dispose() => _folder.Delete(recursive: true);
}
