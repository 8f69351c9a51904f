using System.Diagnostics;

namespace PlexSync.Cli.Tests;

/// <summary>PlexSync's own folder belongs to one user of the machine; results go where they are sent, and keep the rights there.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class StateFolderTests
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Open = (UnixFileMode)0b111_111_111;

    [Fact]
    public async Task Everything_that_a_run_keeps_is_its_users_alone()
    {
        SkipOnWindows();
        await using var home = await Household.StartAsync();
        home.Environment["PLEXSYNC_HOME"] = Path.Combine(home.Folder, "a", "b", "state");

        await home.RunAsync("sync", "--to", "Kid");

        var top = Path.Combine(home.Folder, "a");
        var made = Directory.GetFileSystemEntries(top, "*", SearchOption.AllDirectories).Append(top);
        Assert.Contains(made, static path => Path.GetFileName(path) == "client-id");
        Assert.Contains(made, static path => Path.GetFileName(path) == "names.json");
        Assert.Contains(made, static path => Path.GetExtension(path) == ".jsonl");
        Assert.All(made, static path => Assert.True((File.GetUnixFileMode(path) & ~Owner) == UnixFileMode.None, path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("journals")]
    [InlineData("client-id")]
    public async Task What_others_may_change_is_refused_and_nothing_written(string name)
    {
        SkipOnWindows();
        await using var home = await WithStateAsync();
        var path = Path.Combine(State(home), name).TrimEnd('/');
        File.SetUnixFileMode(path, Open);

        var english = await home.RunWithoutWritingAsync("sync", "--to", "Friend");
        var french = await home.RunWithoutWritingAsync("sync", "--to", "Friend", "--lang", "fr");

        Assert.Equal((2, 2), (english.ExitCode, french.ExitCode));
        Assert.Contains($"plexsync: Other users of this machine can change “{path}”", english.Error, StringComparison.Ordinal);
        Assert.Contains("chmod", english.Error, StringComparison.Ordinal);
        Assert.Contains($"«\u00A0{path}\u00A0»", french.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stored_token_that_others_may_change_is_refused()
    {
        SkipOnWindows();
        await using var home = await WithStateAsync();
        home.Environment.Remove("PLEXSYNC_TOKEN");
        await File.WriteAllTextAsync(home.CredentialsFile, "{\"token\":\"somebody-elses\"}");
        File.SetUnixFileMode(home.CredentialsFile, Open);
        home.Plex.Requests.Clear();

        var result = await home.RunAsync("sync", "--to", "Kid");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"Other users of this machine can change “{home.CredentialsFile}”", result.Error, StringComparison.Ordinal);
        Assert.Empty(home.Plex.Requests.All);
    }

    [Theory]
    [InlineData("")]
    [InlineData("journals")]
    [InlineData("client-id")]
    public async Task What_belongs_to_another_user_is_refused_and_nothing_written(string name)
    {
        SkipOnWindows();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a file away.");
        await using var home = await WithStateAsync();
        var path = Path.Combine(State(home), name).TrimEnd('/');
        using (var chown = Process.Start("chown", ["54321", path]))
        {
            await chown.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var result = await home.RunWithoutWritingAsync("sync", "--to", "Friend");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"“{path}” belongs to another user of this machine (user number 54321)", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_among_the_journals_is_refused()
    {
        SkipOnWindows();
        await using var home = await WithStateAsync();
        var journals = Path.Combine(State(home), "journals");
        Directory.Move(journals, Path.Combine(home.Folder, "elsewhere"));
        Directory.CreateSymbolicLink(journals, Path.Combine(home.Folder, "elsewhere"));

        var result = await home.RunWithoutWritingAsync("sync", "--to", "Friend");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"“{journals}”", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task State_that_an_earlier_version_left_readable_is_closed_without_a_word()
    {
        SkipOnWindows();
        await using var home = await WithStateAsync();
        var journals = Path.Combine(State(home), "journals");
        File.SetUnixFileMode(journals, (UnixFileMode)0b111_101_101);

        var result = await home.RunAsync("sync", "--to", "Friend");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(Owner, File.GetUnixFileMode(journals));
        Assert.DoesNotContain("Warning", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0b110_000_000)]
    [InlineData(0b110_110_000)]
    public async Task Result_keeps_the_rights_of_the_file_it_replaces(int mode)
    {
        SkipOnWindows();
        await using var home = await Household.StartAsync();
        var file = home.WriteFile("plan.json", "old");
        File.SetUnixFileMode(file, (UnixFileMode)mode);
        var link = Path.Combine(home.Folder, "link.json");
        File.CreateSymbolicLink(link, file);

        var direct = await home.RunAsync("plan", "--to", "Kid", "-o", file);
        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(file));
        var linked = await home.RunAsync("plan", "--to", "Kid", "-o", link, "--report", Path.Combine(home.Folder, "plan.html"));

        Assert.Equal((0, 0), (direct.ExitCode, linked.ExitCode));
        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(file));
        Assert.Equal(file, new FileInfo(link).LinkTarget);
        Assert.StartsWith("{", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/stdout")]
    [InlineData("/dev/fd/1")]
    [InlineData("/proc/self/fd/1")]
    public async Task Standard_output_by_its_name_is_standard_output(string name)
    {
        SkipOnWindows();
        await using var home = await Household.StartAsync();

        var result = await home.RunAsync("plan", "--to", "Kid", "-o", name);
        var json = await home.RunAsync("plan", "--to", "Kid", "-o", name, "--json");

        Assert.Equal((0, 2), (result.ExitCode, json.ExitCode));
        Assert.Equal("plexsync-plan", result.Json.GetProperty("format").GetString());
    }

    [Fact]
    public async Task Result_goes_into_a_pipe_that_the_shell_has_opened()
    {
        SkipOnWindows();
        await using var home = await Household.StartAsync();
        await using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.In);
        using var reader = new StreamReader(pipe);

        // The pipe holds more than this plan.
        var result = await home.RunAsync(
            "plan", "--to", "Kid", "--library", "TV Shows", "-o", $"/dev/fd/{pipe.ClientSafePipeHandle.DangerousGetHandle()}");
        pipe.DisposeLocalCopyOfClientHandle();

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("{", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("restore")]
    public async Task File_that_cannot_be_read_is_named(string command)
    {
        const string Unreadable = "/proc/self/mem";
        Assert.SkipUnless(File.Exists(Unreadable), "No file here can be opened and not read.");
        await using var home = await Household.StartAsync();

        var result = await home.RunAsync(command == "apply" ? ["apply", Unreadable] : ["restore", Unreadable, "--user", "Kid", "--yes"]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"The file {Unreadable} cannot be read", result.Error, StringComparison.Ordinal);
    }

    private static void SkipOnWindows() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes; the user's profile is closed to others.");

    private static string State(Household home) => home.Environment["PLEXSYNC_HOME"];

    private static async Task<Household> WithStateAsync()
    {
        var home = await Household.StartAsync();
        Assert.Equal(0, (await home.RunAsync("sync", "--to", "Kid")).ExitCode);
        return home;
    }
}
