using System.Diagnostics;
using PlexSync.Tests;

namespace PlexSync.Core.Tests.Synchronization;

/// <summary>The journal is its user's alone: closed to others whatever the umask, refused where others own it or may change it.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class PrivateStateTests : IDisposable
{
    private const UnixFileMode Closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Open = (UnixFileMode)0b111_111_111;
    private const UnixFileMode Readable = (UnixFileMode)0b111_101_101;

    /// <summary>No user of the machines that tests run on.</summary>
    private const string Stranger = "54321";

    private readonly DirectoryInfo _folder = OlderFiles.Copy();

    private string Root => Path.Combine(_folder.FullName, "state", "journals");

    private string Server => Directory.GetDirectories(Root, "server-*").Single();

    private string Kid => Path.Combine(Server, "user-1002");

    private string Pairs => Path.Combine(Root, "pairs");

    [Fact]
    public void Folders_are_made_closed_one_by_one()
    {
        SkipOnWindows();
        var root = Path.Combine(_folder.FullName, "some", "where", "journals");

        OwnerOnly.CreateFolder(root, Path.Combine(root, "server-m", "user-1"));

        var top = Path.Combine(_folder.FullName, "some");
        Assert.All(
            Directory.GetDirectories(top, "*", SearchOption.AllDirectories).Append(top),
            static folder => Assert.Equal(Closed, File.GetUnixFileMode(folder)));
    }

    [Fact]
    public async Task Folders_and_files_that_an_earlier_version_left_readable_are_closed()
    {
        SkipOnWindows();
        foreach (var path in Directory.GetFileSystemEntries(Root, "*", SearchOption.AllDirectories))
        {
            File.SetUnixFileMode(path, Directory.Exists(path) ? Readable : (UnixFileMode)0b110_100_100);
        }

        await ReadAllAsync();

        foreach (var path in Directory.GetFileSystemEntries(Server, "*", SearchOption.AllDirectories))
        {
            var isLock = Path.GetFileName(path).StartsWith("lock", StringComparison.Ordinal);
            Assert.True(isLock || (File.GetUnixFileMode(path) & ~Closed) == UnixFileMode.None, path);
        }
    }

    [Fact]
    public async Task Folders_that_an_earlier_version_made_under_a_common_umask_are_closed_where_nobody_could_get_in()
    {
        SkipOnWindows();
        File.SetUnixFileMode(Server, (UnixFileMode)0b111_111_101);

        await ReadAllAsync();

        Assert.Equal(Closed, File.GetUnixFileMode(Server));
    }

    [Theory]
    [InlineData("root")]
    [InlineData("server")]
    [InlineData("user")]
    [InlineData("journal")]
    [InlineData("refused")]
    [InlineData("pairs")]
    [InlineData("pair")]
    [InlineData("lock")]
    public async Task What_others_may_change_is_refused(string which)
    {
        SkipOnWindows();
        var path = Find(which);
        File.SetUnixFileMode(path, Open);

        var error = await Assert.ThrowsAsync<PlexException>(ReadAllAsync);

        Assert.Equal((PlexErrorKind.NotPrivate, path), (error.Kind, error.Subject));
        Assert.Empty(error.Candidates);
        Assert.Equal(Open, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("root")]
    [InlineData("server")]
    [InlineData("user")]
    [InlineData("journal")]
    [InlineData("refused")]
    [InlineData("pair")]
    [InlineData("lock")]
    public async Task What_belongs_to_another_user_is_refused(string which)
    {
        SkipOnWindows();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a file away.");
        var path = Find(which);
        using (var chown = Process.Start("chown", [Stranger, path]))
        {
            await chown.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, chown.ExitCode);
        }

        var error = await Assert.ThrowsAsync<PlexException>(ReadAllAsync);

        Assert.Equal((PlexErrorKind.NotPrivate, path, Stranger), (error.Kind, error.Subject, Assert.Single(error.Candidates)));
    }

    [Theory]
    [InlineData("server")]
    [InlineData("user")]
    [InlineData("journal")]
    [InlineData("refused")]
    [InlineData("pair")]
    public async Task Link_is_refused(string which)
    {
        SkipOnWindows();
        var path = Find(which);
        var elsewhere = Path.Combine(_folder.FullName, "elsewhere");
        Directory.Move(path, elsewhere);
        File.CreateSymbolicLink(path, elsewhere);

        var error = await Assert.ThrowsAsync<PlexException>(ReadAllAsync);

        Assert.Equal((PlexErrorKind.NotPrivate, path), (error.Kind, error.Subject));
    }

    [Fact]
    public async Task Link_that_others_may_replace_is_not_followed_to_the_state()
    {
        SkipOnWindows();
        var shared = Directory.CreateDirectory(Path.Combine(_folder.FullName, "shared")).FullName;
        File.SetUnixFileMode(shared, Open);
        File.CreateSymbolicLink(Path.Combine(shared, "link"), Path.Combine(_folder.FullName, "state"));
        var journal = new FileStore(Path.Combine(shared, "link", "journals"));

        var error = await Assert.ThrowsAsync<PlexException>(
            () => journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((PlexErrorKind.NotPrivate, Path.Combine(shared, "link")), (error.Kind, error.Subject));
    }

    [Fact]
    public async Task Link_of_the_users_own_leads_to_the_state()
    {
        SkipOnWindows();
        var link = Path.Combine(_folder.FullName, "link");
        File.CreateSymbolicLink(link, Root);

        Assert.NotEmpty(await new FileStore(link).ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void SkipOnWindows() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes; the user's profile is closed to others.");

    private string Find(string which) => which switch
    {
        "root" => Root,
        "server" => Server,
        "user" => Kid,
        "journal" => Directory.GetFiles(Kid, "*.jsonl").First(),
        "refused" => Path.Combine(Kid, "refused.json"),
        "pairs" => Pairs,
        "pair" => Directory.GetFiles(Pairs, "*.json").First(),
        _ => Path.Combine(Kid, "lock"),
    };

    /// <summary>Everything that a run reads before it writes.</summary>
    private async Task ReadAllAsync()
    {
        var journal = new FileStore(Root);
        var machine = MachineIdentifier.Parse(Server[^40..]);
        await journal.ListRunsAsync(cancellationToken: TestContext.Current.CancellationToken);
        foreach (var user in (long[])[1002, 1003, 2001])
        {
            await journal.ReadUnkeptAsync(new ServerUser(machine, new UserId(user)), TestContext.Current.CancellationToken);
            var (one, other) = (new ServerUser(machine, new UserId(1001)), new ServerUser(machine, new UserId(user)));
            await journal.ReadAgreementsAsync(one, other, TestContext.Current.CancellationToken);
        }

        using (TargetLock.Take(Root, Kid, "Kid"))
        {
        }
    }
}
