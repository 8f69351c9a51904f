using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using PlexSync.Testing;

namespace PlexSync.EndToEnd.Tests.Native;

/// <summary>The published binary does the main job, fails well, and stays small.</summary>
[Collection(NativeTogether.Name)]
public sealed class NativeTests(NativeBinary native)
{
    private const long MostBytes = 14_000_000;
    private const long MostKilobytesOfMemory = 64 * 1024;
    private const int SigInt = 2;

    [Fact]
    public async Task Binary_copies_the_owners_state_and_finds_nothing_to_do_the_second_time()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Lifelike());
        using var home = new NativeHome(plex);

        var first = await native.RunAsync(home, "sync", "--to", "Kid", "--lang", "en");
        var writes = plex.Requests.Writes;
        var second = await native.RunAsync(home, "sync", "--to", "Kid", "--lang", "fr");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Contains("[IN PROGRESS] The Lighthouse Ledger", first.Output, StringComparison.Ordinal);
        Assert.Contains("45:00", first.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing to sync here", first.Output, StringComparison.Ordinal);
        Assert.Contains("Rien à synchroniser ici", second.Output, StringComparison.Ordinal);
        Assert.True(writes > 100);
        Assert.Equal(writes, plex.Requests.Writes);
    }

    [Fact]
    public async Task Binary_prints_one_json_document()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        using var home = new NativeHome(plex);

        var (exitCode, output, _) = await native.RunAsync(home, "sync", "--to", "Kid", "--json");

        using var document = JsonDocument.Parse(output);
        Assert.Equal(0, exitCode);
        Assert.Equal(8, document.RootElement.GetProperty("targets")[0].GetProperty("applied").GetInt32());
    }

    [Fact]
    public async Task Binary_says_in_one_sentence_that_the_token_is_not_valid()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        using var home = new NativeHome(plex);
        home.Environment["PLEXSYNC_TOKEN"] = "notavalidtoken123456";

        var (exitCode, output, error) = await native.RunAsync(home, "sync", "--to", "Kid");

        Assert.Equal(3, exitCode);
        Assert.Empty(output);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("notavalidtoken123456", error, StringComparison.Ordinal);
        Assert.Equal(0, plex.Requests.Writes);
    }

    [Fact]
    public async Task Binary_works_from_the_config_file_alone()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        using var home = new NativeHome();
        var folder = Directory.CreateDirectory(Path.Combine(home.Folder, ".config", "plexsync")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "token"), plex.World.Owner.AccountToken + "\n");
        await File.WriteAllTextAsync(
            Path.Combine(folder, "config.json"),
            $$"""
            {"server":"{{plex.ServerUrl}}","accountUrl":"{{plex.AccountUrl}}","tokenFile":"{{Path.Combine(folder, "token")}}",
            "from":"Owner","to":["Kid"]}
            """);

        var (exitCode, _, error) = await native.RunAsync(home, "sync");

        Assert.True(exitCode == 0, error);
        Assert.Equal(1, plex.World.Server.State(1002, "2").ViewCount);
    }

    [Fact]
    public async Task Binary_helps_without_touching_disk_or_network()
    {
        using var home = new NativeHome();

        var (exitCode, output, error) = await native.RunAsync(home, "--help");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("plexsync", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(home.Folder));
    }

    [Fact]
    public async Task Binary_reports_what_it_wrote_when_it_is_interrupted()
    {
        // So much to write that no machine is done before the signal arrives.
        await using var plex = await PlexSimulator.StartAsync(Worlds.Yardstick());
        using var home = new NativeHome(plex);
        using var process = new Process { StartInfo = native.Command(home, "sync", "--to", "Kid", "--json") };
        var isSent = 0;
        plex.Faults.On(request =>
        {
            // Before this write is answered: whoever waits for it elsewhere may have to wait longer than the run takes.
            if (request.Path == "/:/scrobble" && plex.Requests.Writes >= 5 && Interlocked.Exchange(ref isSent, 1) == 0)
            {
                using var kill = Process.Start(
                    "kill", [IsInterruptIgnored() ? "-TERM" : "-INT", process.Id.ToString(CultureInfo.InvariantCulture)]);
                kill.WaitForExit();
            }

            return false;
        }).Status(500);
        process.Start();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        await error;
        using var document = JsonDocument.Parse(await output);
        Assert.Equal(130, process.ExitCode);
        var applied = document.RootElement.GetProperty("targets")[0].GetProperty("applied").GetInt32();
        Assert.Equal(plex.World.Server.Writes.DistinctBy(play => play.RatingKey).Count(), applied);
    }

    [Fact]
    public async Task Binary_keeps_two_users_in_step_until_a_signal()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        using var home = new NativeHome(plex);
        home.Environment["PLEXSYNC_HOME"] = Path.Combine(home.Folder, "state");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        using var process = Process.Start(native.Command(home, "watch", "--to", "Kid", "--two-way", "--lang", "en"))!;
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        await SeeAsync("in step: Owner, Kid on “NAS”");
        await plex.World.Server.Events.WhenListeningAsync(cancellationToken: patience.Token);

        var there = Watch(plex.World.Owner, "6");
        await SeeAsync("Owner → Kid: [WATCHED] Movie 6 (");
        there.Stop();
        var back = Stopwatch.StartNew();
        plex.World.Server.Players.Play(plex.World.User("Kid"), "7", TimeSpan.FromMinutes(45)).Pause();
        await SeeAsync("Kid → Owner: [IN PROGRESS] Movie 7 (");
        back.Stop();
        var status = await native.RunAsync(home, "status");
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(patience.Token);

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"From stop to mark {there.Elapsed.TotalSeconds:0.0} s, from pause to position {back.Elapsed.TotalSeconds:0.0} s."));
        Assert.True(process.ExitCode == 0, await error);
        Assert.True(status.ExitCode == 0, status.Error);
        Assert.True(plex.World.Server.State(plex.World.User("Kid"), "6").IsWatched);
        Assert.Equal(45 * 60_000, plex.World.Server.State(plex.World.Owner, "7").ViewOffset);
        Assert.Equal(5, (await native.RunAsync(home, "status")).ExitCode);

        Stopwatch Watch(SimulatedUser user, string ratingKey)
        {
            var playback = plex.World.Server.Players.Play(user, ratingKey, TimeSpan.FromMinutes(1));
            playback.Advance(TimeSpan.FromHours(5));
            playback.Stop();
            return Stopwatch.StartNew();
        }

        async Task SeeAsync(string text)
        {
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return;
                }
            }

            Assert.Fail($"“{text}” did not come. {await error}");
        }
    }

    [Fact]
    public async Task Second_signal_ends_a_watch_at_once()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Small());
        using var home = new NativeHome(plex);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        plex.Faults.On(request => request.Path == "/:/scrobble" && (reached.TrySetResult() || true)).Hang();
        using var process = Process.Start(native.Command(home, "watch", "--to", "Kid"))!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);

        // The first one waits for the write, which is never answered. Two that come before it is caught count as one.
        while (!process.WaitForExit(TimeSpan.FromMilliseconds(200)))
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(130, process.ExitCode);
        await output;
    }

    [Fact]
    public void Binary_is_small() => Assert.InRange(new FileInfo(native.Require()).Length, 1, MostBytes);

    [Fact]
    public async Task Binary_needs_little_memory_for_the_yardstick()
    {
        await using var plex = await PlexSimulator.StartAsync(Worlds.Yardstick());
        using var home = new NativeHome(plex);
        using var process = Process.Start(native.Command(home, "sync", "--to", "Kid", "--json"))!;
        var error = process.StandardError.ReadToEndAsync();
        var output = new MemoryStream();
        var buffer = new byte[16 * 1024];
        var peak = 0L;
        // The document is larger than the pipe: while any of it is still to be read, the process is there to be looked at.
        while (await process.StandardOutput.BaseStream.ReadAsync(buffer) is > 0 and var count)
        {
            output.Write(buffer, 0, count);
            peak = Math.Max(peak, PeakKilobytes(process.Id));
        }

        await process.WaitForExitAsync();
        await error;
        using var document = JsonDocument.Parse(output.ToArray());
        Assert.Equal(0, process.ExitCode);
        var applied = document.RootElement.GetProperty("targets")[0].GetProperty("applied").GetInt32();
        Assert.InRange(applied, 9_000, 12_000);
        // 60 up to the plan, and a page of 200 for each 200 changes to verify them.
        Assert.InRange(document.RootElement.GetProperty("requests").GetProperty("reads").GetInt32(), 1, 60 + (applied + 199) / 200 + 2);
        Assert.InRange(peak, 1, MostKilobytesOfMemory);
    }

    /// <summary>
    /// What a shell runs in the background ignores Ctrl+C, and so does all that it starts; the program does the same for both signals.
    /// </summary>
    private static bool IsInterruptIgnored() =>
        File.ReadLines("/proc/self/status").First(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
        .Split('\t')[1] is var signals && (Convert.ToUInt64(signals, 16) & (1 << (SigInt - 1))) != 0;

    private static long PeakKilobytes(int process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
