using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace PlexSync.Testing;

/// <summary>
/// What every <see cref="ISyncStore"/> has to promise, as checks that any test framework can run: each throws if the store does not keep
/// it.
/// </summary>
/// <example>
/// <code>
/// public static TheoryData&lt;string&gt; Checks => [.. SyncStoreConformance.Names];
///
/// [Theory, MemberData(nameof(Checks))]
/// public Task Store_conforms(string check) => new MyStoreConformance().RunAsync(check);
/// </code>
/// </example>
public abstract class SyncStoreConformance
{
    private static readonly ServerReference Server = new(MachineIdentifier.Parse("conformance"), "Server", "1.43.0");
    private static readonly UserReference Source = new(new UserId(1), "Source");
    private static readonly DateTimeOffset Seen = new(2026, 11, 27, 20, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, Func<SyncStoreConformance, Task>> Checks = new(StringComparer.Ordinal)
    {
        ["Begun_run_is_known_with_its_plan_before_anything_is_announced"] = static suite => suite.BegunRunIsKnownAsync(),
        ["Changes_are_kept_with_all_that_plan_files_have"] = static suite => suite.PlanIsKeptWholeAsync(),
        ["Second_run_on_a_target_is_refused_until_the_first_lets_go"] = static suite => suite.TargetIsExclusiveAsync(),
        ["Run_that_cannot_have_all_its_targets_has_none"] = static suite => suite.BeginningIsAllOrNothingAsync(),
        ["Runs_on_several_targets_share_a_name_and_a_number"] = static suite => suite.NameIsSharedAsync(),
        ["Names_differ_and_numbers_grow"] = static suite => suite.NumbersGrowAsync(),
        ["Lease_numbers_grow_with_every_lease"] = static suite => suite.LeaseNumbersGrowAsync(),
        ["Nothing_is_recorded_under_a_lost_lease"] = static suite => suite.LostLeaseIsRefusedAsync(),
        ["Announced_change_without_outcome_is_unknown"] = static suite => suite.AnnouncedChangeIsUnknownAsync(),
        ["Outcome_is_read_as_it_was_recorded"] = static suite => suite.OutcomeIsKeptAsync(),
        ["Mark_and_rating_of_an_item_are_told_apart"] = static suite => suite.RatingIsAChangeOfItsOwnAsync(),
        ["Change_announced_again_is_unknown_again"] = static suite => suite.LastRecordCountsAsync(),
        ["Many_writers_record_at_once"] = static suite => suite.ManyWritersAsync(),
        ["Killed_run_is_unfinished_and_can_be_taken_up"] = static suite => suite.KilledRunIsResumedAsync(),
        ["What_was_torn_at_the_end_was_never_recorded"] = static suite => suite.TornTailIsLeftOutAsync(),
        ["Run_that_wrote_nothing_leaves_no_trace"] = static suite => suite.EmptyRunVanishesAsync(),
        ["Report_decides_what_a_completed_run_wrote"] = static suite => suite.ReportDecidesAsync(),
        ["Marks_tell_that_a_run_has_begun_and_ended"] = static suite => suite.MarksChangeAsync(),
        ["Runs_are_listed_newest_first_by_server_and_target"] = static suite => suite.RunsAreListedAsync(),
        ["What_was_not_kept_is_remembered_until_it_is_written"] = static suite => suite.UnkeptIsRememberedAsync(),
        ["Agreements_are_kept_in_either_order_of_the_users"] = static suite => suite.AgreementsAreKeptAsync(),
        ["What_is_read_of_agreements_can_be_changed_without_changing_them"] = static suite => suite.AgreementsAreCopiesAsync(),
        ["Agreements_changed_by_many_at_once_lose_nothing"] = static suite => suite.AgreementsAreExclusiveAsync(),
        ["All_agreements_of_a_user_are_listed"] = static suite => suite.AgreementsAreListedAsync(),
        ["Marks_can_be_read_while_agreements_are_changed"] = static suite => suite.MarksAreReadWithinChangeAsync(),
        ["Run_that_has_finished_meanwhile_can_be_taken_up"] = static suite => suite.FinishedRunIsTakenUpAsync(),
        ["Mark_and_rating_of_one_item_are_two_changes"] = static suite => suite.RatingIsAnotherChangeAsync(),
        ["Why_a_run_ended_and_all_its_users_are_kept"] = static suite => suite.ReportIsKeptAsync(),
        ["Last_readings_are_kept_by_their_questions"] = static suite => suite.ReadingsAreKeptAsync(),
        ["Job_is_watched_by_one_at_a_time_and_runs_go_on"] = static suite => suite.JobIsWatchedOnceAsync(),
        ["What_a_failed_change_has_written_stays"] = static suite => suite.FailedChangeStaysAsync(),
    };

    /// <summary>The names of the checks.</summary>
    public static IEnumerable<string> Names => Checks.Keys;

    /// <summary>Runs one check, on a store that is empty.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ConformanceException">The store does not keep the promise.</exception>
    public Task RunAsync(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Checks.TryGetValue(name, out var check)
            ? check(this)
            : throw new ArgumentException($"There is no check '{name}'.", nameof(name));
    }

    /// <summary>Opens the store once more, as another process would; what is written by one handle is seen by all others.</summary>
    protected abstract ISyncStore Open();

    /// <summary>Takes all leases away from their holders, in a way in which that can happen to this kind of store.</summary>
    protected abstract Task LoseLeasesAsync();

    /// <summary>
    /// Cuts off a part of what was recorded last, as a power cut may; does nothing where the store can only keep a record whole or not at
    /// all.
    /// </summary>
    protected virtual Task TearLastRecordAsync(SyncRun run) => Task.CompletedTask;

    private async Task BegunRunIsKnownAsync()
    {
        var plan = PlanFor(7, 3);
        await using var lease = await BeginAsync(plan);

        var run = await SingleAsync();
        var report = await Open().ReadRunAsync(run);

        Require(run.Id == lease.Run && !run.IsFinished && run.Changes == 3, "The run is not listed as begun.");
        Require(report.Run == lease.Run && report.Plan.Target == plan.Target && report.Plan.Source == plan.Source, "The plan is another.");
        Require(
            report.Results.Select(static result => result.Change.Item.RatingKey).SequenceEqual(
                plan.Changes.Select(static change => change.Item.RatingKey))
            && report.Results.All(static result => result.Outcome is ChangeOutcome.Planned),
            "The changes are not all there, in their order, as planned.");
        Require(
            report.Plan.Changes.Zip(plan.Changes).All(static pair =>
                (pair.First.Before, pair.First.After, pair.First.Action) == (pair.Second.Before, pair.Second.After, pair.Second.Action)),
            "The states of the changes are not what they were.");
    }

    private async Task PlanIsKeptWholeAsync()
    {
        // Which run is undone, and what a removal rests on, only the library can put into a plan, or a file.
        var change = PlanFor(7).Changes[0];
        var file = await ToJsonAsync(PlanFor(7) with
        {
            Changes =
            [
                change with
                {
                    Item = change.Item with { State = new WatchState { ViewCount = 3, LastViewedAt = Seen } },
                    Action = ChangeAction.Unwatched,
                    After = default,
                    Reason = ChangeReason.SourceUnwatched,
                },
            ],
        });
        file["undoes"] = "2026-11-27T20-00-00Z-0001";
        file["changes"]![0]!["restsOn"] =
            JsonNode.Parse("""{"server":"conformance","user":1,"items":["1"],"state":{"viewCount":0,"positionMs":0}}""");
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(file.ToJsonString()));
        var plan = await SyncPlan.ReadAsync(stream);
        await (await BeginAsync(plan)).DisposeAsync();

        var run = await SingleAsync();
        var kept = (await Open().ReadRunAsync(run)).Plan;
        Require(run.Undoes == plan.Undoes && kept.Undoes == plan.Undoes, "It is not known which run was undone.");
        Require(
            JsonNode.DeepEquals((await ToJsonAsync(kept))["changes"], (await ToJsonAsync(plan))["changes"]),
            "A change has not all that it had: keep plans as SyncPlan.WriteAsync writes them.");
    }

    private async Task TargetIsExclusiveAsync()
    {
        var first = await BeginAsync(PlanFor(7));
        await RequireRefusedAsync(PlexErrorKind.RunInProgress, () => BeginAsync(PlanFor(7)));
        await (await BeginAsync(PlanFor(8))).DisposeAsync();
        await first.DisposeAsync();
        await (await BeginAsync(PlanFor(7))).DisposeAsync();
    }

    private async Task BeginningIsAllOrNothingAsync()
    {
        await using var held = await BeginAsync(PlanFor(8));
        await RequireRefusedAsync(PlexErrorKind.RunInProgress, () => Open().BeginAsync([PlanFor(7), PlanFor(8)]));
        Require((await Open().ListRunsAsync()).Count == 1, "A part of the run was begun.");
        await (await BeginAsync(PlanFor(7))).DisposeAsync();
    }

    private async Task NameIsSharedAsync()
    {
        var leases = await Open().BeginAsync([PlanFor(7), PlanFor(8)]);
        var runs = await Open().ListRunsAsync();
        foreach (var lease in leases)
        {
            await lease.DisposeAsync();
        }

        Require(leases.Count == 2 && leases[0].Run == leases[1].Run, "The leases have not one name.");
        Require(runs.Count == 2 && runs[0].Id == runs[1].Id && runs[0].Number == runs[1].Number, "The runs have not one name and number.");
        Require(runs.Select(static run => run.Target.Id.Value).Order().SequenceEqual([7L, 8L]), "Each target has its own part.");
    }

    private async Task NumbersGrowAsync()
    {
        for (var at = 0; at < 20; at++)
        {
            await using var lease = await BeginAsync(PlanFor(7 + (at % 3)));
        }

        var runs = await Open().ListRunsAsync();
        Require(runs.Select(static run => run.Id).Distinct().Count() == 20, "A name was given twice.");
        Require(runs.Select(static run => run.Number).Distinct().Count() == 20, "A number was given twice.");
        Require(runs.All(static run => run.Number > 0), "A run has no number.");
    }

    private async Task LeaseNumbersGrowAsync()
    {
        var numbers = new List<long>();
        for (var at = 0; at < 3; at++)
        {
            await using var lease = await BeginAsync(PlanFor(7));
            numbers.Add(lease.Number);
        }

        await using (var taken = await Open().ResumeAsync((await Open().ListRunsAsync())[0]))
        {
            numbers.Add(taken.Number);
        }

        Require(numbers.Zip(numbers.Skip(1)).All(static pair => pair.First < pair.Second), "A later lease has no larger number.");
    }

    private async Task LostLeaseIsRefusedAsync()
    {
        var plan = PlanFor(7);
        var paused = await BeginAsync(plan);
        await LoseLeasesAsync();
        var run = await SingleAsync();
        await using (var taken = await Open().ResumeAsync(run))
        {
            await RequireLostAsync(() => paused.AnnounceAsync(plan.Changes[0], Seen).AsTask());
            await RequireLostAsync(() =>
            {
                paused.RequireFor(TimeSpan.Zero);
                return Task.CompletedTask;
            });
            taken.RequireFor(TimeSpan.Zero);
            await RequireLostAsync(() => paused.RecordAsync(Applied(plan.Changes[0])).AsTask());
            await RequireLostAsync(() => paused.CompleteAsync(ReportOf(plan, Applied(plan.Changes[0]))));
            var known = await Open().ReadRunAsync(run);
            Require(known.Results[0].Outcome is ChangeOutcome.Planned, "Something was recorded under the lost lease.");

            // Disposing of the lost lease does not release the target from its new holder.
            await paused.DisposeAsync();
            await taken.AnnounceAsync(plan.Changes[0], Seen);
            await RequireRefusedAsync(PlexErrorKind.RunInProgress, () => BeginAsync(PlanFor(7)));
        }
    }

    private async Task AnnouncedChangeIsUnknownAsync()
    {
        var plan = PlanFor(7, 2);
        await using (var lease = await BeginAsync(plan))
        {
            await lease.AnnounceAsync(plan.Changes[1], Seen);
        }

        var report = await Open().ReadRunAsync(await SingleAsync());
        Require(
            report.Results[0].Outcome is ChangeOutcome.Planned && report.Results[1].Outcome is ChangeOutcome.Unknown
            && report.Results[1].AnnouncedAt == Seen,
            "It is not known which change may have been sent, and when.");
    }

    private async Task OutcomeIsKeptAsync()
    {
        var plan = PlanFor(7, 3);
        ChangeResult[] results =
        [
            Applied(plan.Changes[0]),
            new() { Change = plan.Changes[1], Outcome = ChangeOutcome.Skipped, SkipReason = SkipReason.PlayedNow },
            new()
            {
                Change = plan.Changes[2],
                Outcome = ChangeOutcome.Failed,
                Error = new PlexException(PlexErrorKind.NotFound, "It is gone."),
            },
        ];
        await using (var lease = await BeginAsync(plan))
        {
            foreach (var result in results)
            {
                await lease.AnnounceAsync(result.Change, Seen);
                await lease.RecordAsync(result);
            }

            await lease.CompleteAsync(ReportOf(plan, results));
        }

        var run = await SingleAsync();
        var report = await Open().ReadRunAsync(run);
        Require(run is { IsFinished: true, Written: 1 } && run.Outcomes[ChangeOutcome.Skipped] == 1, "The run is not listed as it ended.");
        Require(
            report.Results.Zip(results).All(static pair => pair.First.Outcome == pair.Second.Outcome
                && pair.First.SkipReason == pair.Second.SkipReason
                && pair.First.Error?.Kind == pair.Second.Error?.Kind && pair.First.Error?.Message == pair.Second.Error?.Message
                && pair.First.StateAfterRun == pair.Second.StateAfterRun && pair.First.AnnouncedAt == Seen),
            "An outcome is not what was recorded.");
        Require(report.Verified == 1, "It is not known how many changes were read back.");
    }

    private async Task RatingIsAChangeOfItsOwnAsync()
    {
        var mark = PlanFor(7).Changes[0];
        var rating = mark with
        {
            Action = ChangeAction.Rating,
            After = mark.Before with { UserRating = 8 },
            Reason = ChangeReason.SourceRated,
        };
        await using (var lease = await BeginAsync(PlanFor(7) with { Changes = [mark, rating] }))
        {
            await lease.AnnounceAsync(mark, Seen);
            await lease.AnnounceAsync(rating, Seen);
            await lease.RecordAsync(Applied(mark));
        }

        var results = (await Open().ReadRunAsync(await SingleAsync())).Results;
        Require(
            results.Select(static result => (result.Change.Action, result.Outcome)).SequenceEqual(
                [(ChangeAction.Watched, ChangeOutcome.Applied), (ChangeAction.Rating, ChangeOutcome.Unknown)]),
            "What became of the mark of an item is taken for what became of its rating.");
    }

    private async Task LastRecordCountsAsync()
    {
        var plan = PlanFor(7);
        await using (var lease = await BeginAsync(plan))
        {
            await ApplyFirstAsync(lease, plan);
            await lease.AnnounceAsync(plan.Changes[0], Seen.AddSeconds(5));
        }

        var result = (await Open().ReadRunAsync(await SingleAsync())).Results[0];
        Require(result.Outcome is ChangeOutcome.Unknown && result.AnnouncedAt == Seen.AddSeconds(5), "An old outcome hides a new attempt.");
    }

    private async Task ManyWritersAsync()
    {
        var plan = PlanFor(7, 200);
        await using (var lease = await BeginAsync(plan))
        {
            await Task.WhenAll(plan.Changes.Select(change => Task.Run(async () =>
            {
                await lease.AnnounceAsync(change, Seen);
                await lease.RecordAsync(Applied(change));
            })));
        }

        var report = await Open().ReadRunAsync(await SingleAsync());
        Require(report.Results.All(static result => result.Outcome is ChangeOutcome.Applied), "A record was lost.");
    }

    private async Task KilledRunIsResumedAsync()
    {
        var plan = PlanFor(7, 2);
        var lease = await BeginAsync(plan);
        await ApplyFirstAsync(lease, plan);
        await lease.DisposeAsync();

        var killed = await SingleAsync();
        await using (var resumed = await Open().ResumeAsync(killed))
        {
            await RequireRefusedAsync(PlexErrorKind.RunInProgress, () => Open().ResumeAsync(killed));
            await resumed.AnnounceAsync(plan.Changes[1], Seen);
            await resumed.RecordAsync(Applied(plan.Changes[1]));
            await resumed.CompleteAsync(ReportOf(plan, Applied(plan.Changes[0]), Applied(plan.Changes[1])));
        }

        var run = await SingleAsync();
        var report = await Open().ReadRunAsync(run);
        Require(!killed.IsFinished && killed.Written == 1, "The killed run is not listed as unfinished.");
        Require(run.IsFinished && run.Id == killed.Id && run.Number == killed.Number, "The run that was taken up is another one.");
        Require(report.Results.All(static result => result.Outcome is ChangeOutcome.Applied), "What was recorded before is lost.");
    }

    private async Task TornTailIsLeftOutAsync()
    {
        var plan = PlanFor(7, 2);
        var lease = await BeginAsync(plan);
        await ApplyFirstAsync(lease, plan);
        await lease.DisposeAsync();
        await TearLastRecordAsync(await SingleAsync());

        var torn = await SingleAsync();
        var before = await Open().ReadRunAsync(torn);
        await using (var resumed = await Open().ResumeAsync(torn))
        {
            await resumed.AnnounceAsync(plan.Changes[1], Seen);
        }

        var after = await Open().ReadRunAsync(torn);
        Require(before.Results[0].Outcome is ChangeOutcome.Applied or ChangeOutcome.Unknown, "A part of a record was taken for another.");
        Require(after.Results[1].Outcome is ChangeOutcome.Unknown, "Nothing can be recorded after what was torn.");
    }

    private async Task EmptyRunVanishesAsync()
    {
        var plan = PlanFor(7);
        await using (var lease = await BeginAsync(plan))
        {
            await lease.CompleteAsync(ReportOf(plan, new ChangeResult { Change = plan.Changes[0], Outcome = ChangeOutcome.Planned }));
        }

        Require((await Open().ListRunsAsync()).Count == 0, "A run that wrote nothing is listed.");
    }

    private async Task ReportDecidesAsync()
    {
        var plan = PlanFor(7, 2);
        var untouched = new ChangeResult { Change = plan.Changes[0], Outcome = ChangeOutcome.Planned };
        await using (var lease = await BeginAsync(plan))
        {
            await lease.AnnounceAsync(plan.Changes[0], Seen);
            await lease.CompleteAsync(ReportOf(plan, untouched, Applied(plan.Changes[1])));
        }

        var run = await SingleAsync();
        await using (var lease = await BeginAsync(PlanFor(8)))
        {
            await lease.AnnounceAsync(plan.Changes[0], Seen);
            await lease.CompleteAsync(ReportOf(PlanFor(8), untouched));
        }

        Require(
            run.Written == 1 && run.Outcomes.GetValueOrDefault(ChangeOutcome.Applied) == 1
            && run.Outcomes.GetValueOrDefault(ChangeOutcome.Planned) == 1,
            "The run is not listed with what its report says.");
        Require((await Open().ListRunsAsync()).Count == 1, "A run is listed that wrote nothing, as its report says.");
    }

    private async Task MarksChangeAsync()
    {
        var target = new ServerUser(Server.MachineIdentifier, new UserId(7));
        var plan = PlanFor(7);
        var none = await Open().ListMarksAsync(target);
        var lease = await BeginAsync(plan);
        var begun = await Open().ListMarksAsync(target);
        await ApplyFirstAsync(lease, plan);
        await lease.CompleteAsync(ReportOf(plan, Applied(plan.Changes[0])));
        await lease.DisposeAsync();
        var ended = await Open().ListMarksAsync(target);
        var others = await Open().ListMarksAsync(target with { User = new UserId(8) });

        Require(none.Count == 0 && others.Count == 0, "There are marks of runs that never were.");
        Require(begun.SetEquals([new RunMark(lease.Run, IsFinished: false)]), "The mark of a run that goes on is missing.");
        Require(ended.SetEquals([new RunMark(lease.Run, IsFinished: true)]), "The mark of a run that has ended is missing.");
    }

    private async Task RunsAreListedAsync()
    {
        var other = new ServerReference(MachineIdentifier.Parse("other"), "Other", "1.43.0");
        var begun = new List<RunId>();
        foreach (var plan in (SyncPlan[])[PlanFor(7), PlanFor(8), PlanFor(7), PlanFor(7) with { Server = other }])
        {
            await using var lease = await BeginAsync(plan);
            begun.Add(lease.Run);
        }

        var all = await Open().ListRunsAsync();
        var ofTarget = await Open().ListRunsAsync(Server.MachineIdentifier, new UserId(7));
        var ofServer = await Open().ListRunsAsync(other.MachineIdentifier);

        Require(all.Select(static run => run.Id).SequenceEqual(begun.AsEnumerable().Reverse()), "They are not listed newest first.");
        Require(ofTarget.Select(static run => run.Id).SequenceEqual([begun[2], begun[0]]), "They are not those of the target.");
        Require(ofServer.Select(static run => run.Id).SequenceEqual([begun[3]]), "They are not those of the server.");
    }

    private async Task UnkeptIsRememberedAsync()
    {
        var target = new ServerUser(Server.MachineIdentifier, new UserId(7));
        var plan = PlanFor(7);
        await using (var lease = await BeginAsync(plan))
        {
            var error = new PlexException(PlexErrorKind.DidNotStick, "It is not there.");
            await lease.CompleteAsync(
                ReportOf(plan, new ChangeResult { Change = plan.Changes[0], Outcome = ChangeOutcome.Failed, Error = error }));
        }

        var unkept = await Open().ReadUnkeptAsync(target);
        Require(
            unkept.Count == 1 && unkept[0].Change.Item.RatingKey == plan.Changes[0].Item.RatingKey
            && unkept[0].Change.After == plan.Changes[0].After && unkept[0].Change.SourceViewedAt == plan.Changes[0].SourceViewedAt,
            "What was not kept is forgotten.");
        await using (var lease = await BeginAsync(plan))
        {
            await lease.CompleteAsync(ReportOf(plan, Applied(plan.Changes[0])));
        }

        Require((await Open().ReadUnkeptAsync(target)).Count == 0, "What is written now still counts as not kept.");
    }

    private async Task AgreementsAreKeptAsync()
    {
        var (one, other) = (UserOf(1), UserOf(2));
        var item = new AgreedItem(RatingKey.Parse("5"), RatingKey.Parse("6"), ulong.MaxValue);
        Require(await Open().ReadAgreementsAsync(one, other) is null, "Something is known of users who never met.");
        await ChangeAsync(agreements =>
        {
            agreements.IsArmed = true;
            agreements.Add(item);
            agreements.Add(item with { One = RatingKey.Parse("7"), Other = RatingKey.Parse("7"), Work = 0 });
        });

        var read = await Open().ReadAgreementsAsync(one, other);
        var back = await Open().ReadAgreementsAsync(other, one);
        Require(read is { IsArmed: true } && read.Items.Count() == 2 && read.Contains(item), "What was agreed on is forgotten.");
        Require(back is { IsArmed: true } && back.One == read!.One && back.Items.Count() == 2, "The order of the users matters.");
    }

    private async Task AgreementsAreCopiesAsync()
    {
        await ChangeAsync(static agreements => agreements.Add(ItemOf(1)));
        var read = await Open().ReadAgreementsAsync(UserOf(1), UserOf(2));
        read!.Remove(ItemOf(1));
        var again = await Open().ReadAgreementsAsync(UserOf(1), UserOf(2));
        Require(again!.Contains(ItemOf(1)), "What was handed out is what is kept.");
    }

    private async Task AgreementsAreExclusiveAsync()
    {
        await ChangeAsync(static agreements => agreements.Add(ItemOf(0)));
        await Task.WhenAll(Enumerable.Range(1, 20).Select(number => Task.Run(() => ChangeAsync(agreements =>
        {
            agreements.Add(ItemOf(number));
            agreements.Remove(ItemOf(number - 1));
            agreements.Add(ItemOf(100 + number));
        }))));

        var known = await Open().ReadAgreementsAsync(UserOf(1), UserOf(2));
        Require(Enumerable.Range(101, 20).All(number => known!.Contains(ItemOf(number))), "A change has undone another one.");
        Require(!known!.Contains(ItemOf(0)), "What was forgotten is back.");
    }

    private async Task AgreementsAreListedAsync()
    {
        await ChangeAsync(static agreements => agreements.Add(ItemOf(1)), 1, 2);
        await ChangeAsync(static agreements => agreements.Add(ItemOf(1)), 3, 1);
        await ChangeAsync(static agreements => agreements.Add(ItemOf(1)), 2, 3);
        var found = new List<Agreements>();
        await Open().ChangeAgreementsAsync(async change =>
        {
            await foreach (var known in change.ListAsync(UserOf(1)))
            {
                found.Add(known);
                known.Add(ItemOf(2));
                await change.WriteAsync(known);
            }
        });
        Require(
            found.Count == 2 && found.All(static known => known.One == UserOf(1) || known.Other == UserOf(1)), "They are not the user's.");
    }

    private async Task FailedChangeStaysAsync()
    {
        try
        {
            await Open().ChangeAgreementsAsync(async change =>
            {
                var agreements = new Agreements(UserOf(1), UserOf(2));
                agreements.Add(ItemOf(1));
                await change.WriteAsync(agreements);
                throw new InvalidOperationException("Later.");
            });
        }
        catch (InvalidOperationException)
        {
            // Thrown above.
        }

        var known = await Open().ReadAgreementsAsync(UserOf(1), UserOf(2));
        Require(known?.Contains(ItemOf(1)) is true, "What was written is gone.");
        await ChangeAsync(static agreements => agreements.Add(ItemOf(2)));
    }

    private async Task ReadingsAreKeptAsync()
    {
        var reading = new LastReading
        {
            Question = "one\ntwo",
            WholeAt = Seen,
            Lead = TimeSpan.FromSeconds(-3),
            Since = Seen.AddDays(-1),
            Users =
            [
                new ReadUser(UserOf(1), "runs", [new ReadLibrary(
                    LibraryKey.Parse("1"), Seen, [new ViewedItem(RatingKey.Parse("42"), Seen, 2, TimeSpan.FromMilliseconds(1500))])]),
            ],
            Open = [new OpenItem(LibraryKey.Parse("1"), RatingKey.Parse("7"))],
        };
        await Open().WriteLastReadingAsync(new LastReading { Question = reading.Question, WholeAt = Seen.AddDays(-9) });
        await Open().WriteLastReadingAsync(reading);
        await Open().WriteLastReadingAsync(new LastReading { Question = "another", WholeAt = Seen });
        var known = await Open().ReadLastReadingAsync(reading.Question);
        Require(
            known is { Users: [{ Libraries: [{ } library] } user], Open: [var open] }
                && (known.WholeAt, known.Lead, known.Since) == (reading.WholeAt, reading.Lead, reading.Since)
                && (user.User, user.Runs) == (UserOf(1), "runs") && open == reading.Open[0]
                && (library.Library, library.SeenUntil) == (LibraryKey.Parse("1"), Seen)
                && library.Newest.SequenceEqual(reading.Users[0].Libraries[0].Newest),
            "The reading is not as it was written last.");
        Require(await Open().ReadLastReadingAsync("a third") is null, "A reading of another question was given.");
    }

    private async Task JobIsWatchedOnceAsync()
    {
        var lease = await Open().WatchAsync("kids");
        await RequireRefusedAsync(PlexErrorKind.JobInProgress, async () => await Open().WatchAsync("Kids"));
        await using (await Open().WatchAsync("other"))
        await using (await BeginAsync(PlanFor(7)))
        {
            await lease.RequireAsync();
        }

        await lease.DisposeAsync();
        await (await Open().WatchAsync("kids")).DisposeAsync();
    }

    private Task MarksAreReadWithinChangeAsync() => Open().ChangeAgreementsAsync(async _ =>
    {
        // A store that waits for its own change would never answer.
        var reading = Open().ListMarksAsync(UserOf(7));
        Require(await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(10))) == reading, "The marks wait for the change.");
        await reading;
    });

    private async Task FinishedRunIsTakenUpAsync()
    {
        var plan = PlanFor(7);
        SyncRun listed;
        await using (var lease = await BeginAsync(plan))
        {
            listed = await SingleAsync();
            await ApplyFirstAsync(lease, plan);
            await lease.CompleteAsync(ReportOf(plan, Applied(plan.Changes[0])));
        }

        await (await Open().ResumeAsync(listed)).DisposeAsync();
        Require((await SingleAsync()).IsFinished, "Taking it up has opened it again.");
    }

    private async Task RatingIsAnotherChangeAsync()
    {
        var plan = PlanFor(7);
        var mark = plan.Changes[0];
        var rated = mark.Before with { UserRating = 8 };
        var rating = mark with { Action = ChangeAction.Rating, After = rated, Reason = ChangeReason.SourceRated };
        plan = plan with { Changes = [mark, rating] };
        await using (var lease = await BeginAsync(plan))
        {
            await lease.AnnounceAsync(mark, Seen);
            await lease.AnnounceAsync(rating, Seen);
            await lease.RecordAsync(Applied(rating));
        }

        var report = await Open().ReadRunAsync(await SingleAsync());
        Require(
            report.Results[0].Outcome is ChangeOutcome.Unknown && report.Results[1].Outcome is ChangeOutcome.Applied
            && report.Results[1].StateAfterRun?.UserRating == 8,
            "The mark and the rating of an item are mixed up.");
    }

    private async Task ReportIsKeptAsync()
    {
        var elsewhere = new ServerReference(MachineIdentifier.Parse("elsewhere"), "Elsewhere", "1.43.0");
        var plan = PlanFor(7) with { SourceServer = elsewhere, MoreSources = [new UserReference(new UserId(9), "Third")] };
        await using (var lease = await BeginAsync(plan))
        {
            await ApplyFirstAsync(lease, plan);
            await lease.CompleteAsync(
                ReportOf(plan, Applied(plan.Changes[0])) with { Error = new PlexException(PlexErrorKind.Unreachable, "It is off.") });
        }

        var run = await SingleAsync();
        var report = await Open().ReadRunAsync(run);
        Require(report.Error?.Kind is PlexErrorKind.Unreachable, "It is not known why the run ended.");
        Require(
            report.Plan.SourceServer == elsewhere
            && report.Plan.MoreSources.SequenceEqual(plan.MoreSources),
            "Some of the users are lost.");
        Require(run.Policy == plan.Policy && run.StartedAt != default, "The run is listed without its policy or its time.");
        Require(report.Plan.Changes[0].Reason == plan.Changes[0].Reason, "It is not known why a change was made.");
        Require(report.Plan.Changes[0].SourceViewedAt == plan.Changes[0].SourceViewedAt, "The date that a state came with is lost.");
    }

    private static ServerUser UserOf(long number) => new(Server.MachineIdentifier, new UserId(number));

    private static AgreedItem ItemOf(int number)
    {
        var key = RatingKey.Parse((number + 1000).ToString(CultureInfo.InvariantCulture));
        return new AgreedItem(key, key, (ulong)number);
    }

    private Task ChangeAsync(Action<Agreements> change, long one = 1, long other = 2) => Open().ChangeAgreementsAsync(async access =>
    {
        var agreements = await access.ReadAsync(UserOf(one), UserOf(other))
            ?? new Agreements(UserOf(one), UserOf(other));
        change(agreements);
        await access.WriteAsync(agreements);
    });

    private async Task<IRunLease> BeginAsync(SyncPlan plan) => (await Open().BeginAsync([plan]))[0];

    private static async Task ApplyFirstAsync(IRunLease lease, SyncPlan plan)
    {
        await lease.AnnounceAsync(plan.Changes[0], Seen);
        await lease.RecordAsync(Applied(plan.Changes[0]));
    }

    private async Task<SyncRun> SingleAsync()
    {
        var runs = await Open().ListRunsAsync();
        Require(runs.Count == 1, $"One run was begun, and {runs.Count} are listed.");
        return runs[0];
    }

    private static SyncPlan PlanFor(long target, int changes = 1) => new()
    {
        CreatedAt = Seen,
        Server = Server,
        Source = Source,
        Target = new UserReference(new UserId(target), $"Target {target}"),
        Identity = IdentityProof.Proved,
        Policy = "copy",
        Libraries = [new LibraryComparison { Library = new Library { Key = LibraryKey.Parse("1"), Title = "Films", Type = "movie" } }],
        Changes = [.. Enumerable.Range(1, changes).Select(static number => new PlannedChange
        {
            Item = new MediaItem
            {
                RatingKey = RatingKey.Parse(number.ToString(CultureInfo.InvariantCulture)),
                Type = MediaType.Movie,
                Title = $"Film {number}",
                Duration = TimeSpan.FromHours(2),
            },
            Library = LibraryKey.Parse("1"),
            Action = ChangeAction.Watched,
            After = new WatchState { ViewCount = 1 },
            Reason = ChangeReason.SourceWatched,
            SourceViewedAt = Seen,
        })],
    };

    private static async Task<JsonNode> ToJsonAsync(SyncPlan plan)
    {
        using var stream = new MemoryStream();
        await plan.WriteAsync(stream);
        stream.Position = 0;
        return JsonNode.Parse(stream)!;
    }

    private static ChangeResult Applied(PlannedChange change) => new()
    {
        Change = change,
        Outcome = ChangeOutcome.Applied,
        StateAfterRun = change.After with { LastViewedAt = Seen.AddSeconds(1) },
    };

    private static SyncReport ReportOf(SyncPlan plan, params ChangeResult[] results) => new()
    {
        Plan = plan,
        Results = results,
        Verified = results.Count(static result => result.Outcome is ChangeOutcome.Applied),
    };

    private static Task RequireLostAsync(Func<Task> record) => RequireRefusedAsync(PlexErrorKind.LeaseLost, async () =>
    {
        await record();
        return true;
    });

    private static async Task RequireRefusedAsync<T>(PlexErrorKind kind, Func<Task<T>> act)
    {
        try
        {
            await act();
        }
        catch (PlexException e) when (e.Kind == kind)
        {
            return;
        }

        throw new ConformanceException($"It was not refused as {kind}.");
    }

    private static void Require(bool isKept, string otherwise)
    {
        if (!isKept)
        {
            throw new ConformanceException(otherwise);
        }
    }
}

/// <summary>A store does not keep one of the promises that every store has to keep.</summary>
/// <param name="message">What is wrong.</param>
public sealed class ConformanceException(string message) : Exception(message);
