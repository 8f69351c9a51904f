using System.Diagnostics;
using System.Runtime.InteropServices;
using PlexSync.Tests;

namespace PlexSync.EndToEnd.Tests.Native;

/// <summary>The tests that run the native binary: one after the other, since two could not publish it at once.</summary>
[CollectionDefinition(Name)]
public sealed class NativeTogether : ICollectionFixture<NativeBinary>
{
    public const string Name = "native";
}

/// <summary>The command line as a native binary, published once for all tests that run it.</summary>
/// <remarks>
/// <c>PLEXSYNC_NATIVE</c> names one that is there already. Without it and without a C compiler the tests skip, unless
/// <c>PLEXSYNC_REQUIRE_NATIVE=1</c> forbids that.
/// </remarks>
public sealed class NativeBinary : IAsyncLifetime
{
    private string? _path;
    private string? _reason;

    public async ValueTask InitializeAsync()
    {
        _path = Environment.GetEnvironmentVariable("PLEXSYNC_NATIVE");
        if (!string.IsNullOrEmpty(_path))
        {
            Assert.True(File.Exists(_path), $"PLEXSYNC_NATIVE names {_path}, which does not exist.");
            return;
        }

        if (!OperatingSystem.IsLinux() || !HasCompiler())
        {
            _reason = "There is no C compiler here to link a native binary with.";
            Assert.False(Environment.GetEnvironmentVariable("PLEXSYNC_REQUIRE_NATIVE") == "1", _reason);
            return;
        }

        var output = Path.Combine(Repository.Root, "artifacts", "native");
        using var publish = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                "publish", Path.Combine(Repository.Root, "src", "PlexSync.Cli"), "-c", "Release", "-f", "net10.0",
                "-r", RuntimeInformation.RuntimeIdentifier, "-o", output, "-nologo", "-v", "quiet",
            },
            RedirectStandardOutput = true,
        })!;
        var log = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        Assert.True(publish.ExitCode == 0, log);
        _path = Path.Combine(output, "plexsync");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Where the binary is; skips the test where there is none.</summary>
    public string Require()
    {
        Assert.SkipUnless(_path is not null, _reason ?? "");
        return _path!;
    }

    internal ProcessStartInfo Command(NativeHome home, params string[] arguments)
    {
        var start = new ProcessStartInfo(Require(), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in home.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    internal async Task<(int ExitCode, string Output, string Error)> RunAsync(NativeHome home, params string[] arguments)
    {
        using var process = Process.Start(Command(home, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    private static bool HasCompiler() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc")));
}

/// <summary>A home folder that nothing else uses.</summary>
internal sealed class NativeHome : IDisposable
{
    public NativeHome(PlexSync.Testing.PlexSimulator? plex = null)
    {
        Environment = new() { ["HOME"] = Folder };
        if (plex is not null)
        {
            Environment["PLEXSYNC_SERVER"] = plex.ServerUrl.ToString();
            Environment["PLEXSYNC_ACCOUNT_URL"] = plex.AccountUrl.ToString();
            Environment["PLEXSYNC_TOKEN"] = plex.World.Owner.AccountToken;
        }
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("plexsync-native-").FullName;

    public Dictionary<string, string> Environment { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
