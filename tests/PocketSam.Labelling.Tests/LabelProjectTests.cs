using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace PocketSam.Labelling.Tests;

/// <summary>What a project keeps: changes, history, classes, pictures that come and go, files that are no projects.</summary>
public sealed class LabelProjectTests : IDisposable
{
    private readonly ProjectFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pictures_are_listed_by_name_and_counted()
    {
        using LabelProject project = _folder.Open("cat", "dog");
        PicturesDocument list = All(project);
        Assert.Equal(["a.png", "b.png", "more/c.png"], list.Pictures.Select(picture => picture.Name));
        Assert.All(list.Pictures, picture => Assert.Equal((48, 32, "todo", "here", 0L), (picture.Width, picture.Height, picture.State, picture.Status, picture.Version)));
        Assert.Equal(["cat", "dog"], project.Classes().Select(c => c.Name));
        Assert.Equal(["1", "2"], project.Classes().Select(c => c.Key));
        Assert.Equal(new CountsDocument(3, 3, 0, 0, 0, 0, 0, 0), project.Counts());
    }

    [Fact]
    public void Changes_are_kept_undone_and_redone_across_openings()
    {
        long picture, cat;
        OpenedDocument end;
        using (LabelProject project = _folder.Open("cat", "dog"))
        {
            picture = All(project).Pictures[0].Id;
            cat = project.Classes()[0].Id;
            ChangesDocument one = project.Change(picture, ProjectFolder.Changes(0, ProjectFolder.Adding(cat, 1, 2, 5)), "Ann");
            ObjectDocument added = Assert.Single(one.Objects);
            Assert.Equal((1L, true, false, "Ann", "brush"), (one.Version, one.CanUndo, one.CanRedo, added.Who, added.Made));
            ChangesDocument two = project.Change(
                picture, ProjectFolder.Changes(
                    1, new ChangeRequest("update", added.Id, new ObjectRequest(project.Classes()[1].Id, ProjectFolder.Square(3, 3, 7), new() { ["occluded"] = "yes" }, null, null), null, null),
                    ProjectFolder.Adding(cat, 20, 10, 4), new ChangeRequest("state", null, null, "done", "looks right")), "Bob");
            Assert.Equal(("done", "looks right", 2), (two.State, two.Comment, two.Objects.Count));
            project.Change(picture, ProjectFolder.Changes(2, new ChangeRequest("remove", added.Id, null, null, null)), "Ann");
            end = project.Picture(picture, []);
        }

        using (LabelProject project = _folder.Open())
        {
            Assert.Equivalent(end, project.Picture(picture, []));
            ChangesDocument back = project.Undo(picture, 3);
            Assert.Equal(2, back.Objects.Count);
            ObjectDocument changed = back.Objects[0];
            Assert.Equal(("yes", ProjectFolder.Square(3, 3, 7).Counts), (changed.Attributes["occluded"], changed.Rle.Counts));
            ChangesDocument first = project.Undo(picture, 4);
            Assert.Equal(("todo", ""), (first.State, first.Comment));
            Assert.Equal(ProjectFolder.Square(1, 2, 5).Counts, Assert.Single(first.Objects).Rle.Counts);
            Assert.Empty(project.Undo(picture, 5).Objects);
            Assert.Contains("nothing to undo", Assert.Throws<LabelRequestException>(() => project.Undo(picture, 6)).Message);
        }

        using (LabelProject project = _folder.Open())
        {
            project.Redo(picture, 6);
            project.Redo(picture, 7);
            ChangesDocument again = project.Redo(picture, 8);
            Assert.Equivalent(end.Objects, again.Objects);
            Assert.Equal(end.State, again.State);
            Assert.False(again.CanRedo);
            project.Undo(picture, 9);
            project.Change(picture, ProjectFolder.Changes(10, ProjectFolder.Adding(cat, 0, 0, 3)), "Ann");
            Assert.Contains("nothing to redo", Assert.Throws<LabelRequestException>(() => project.Redo(picture, 11)).Message);
            Assert.Equal(["brush", "brush", "brush"], project.History(picture).Entries.Select(entry => entry.How));
        }
    }

    [Fact]
    public void Stale_change_writes_nothing_and_says_what_is_there()
    {
        using LabelProject project = _folder.Open("cat");
        long picture = All(project).Pictures[0].Id, cat = project.Classes()[0].Id;
        project.Change(picture, ProjectFolder.Changes(0, ProjectFolder.Adding(cat, 1, 2, 5)), "Ann");
        ConflictDocument conflict = Assert.Throws<ProjectConflictException>(
            () => project.Change(picture, ProjectFolder.Changes(0, ProjectFolder.Adding(cat, 9, 9, 5)), "Bob")).Conflict;
        Assert.Equal((409, 1L, "Ann", 1), (conflict.Status, conflict.Version, conflict.By, conflict.Objects.Count));
        Assert.Single(project.Picture(picture, []).Objects);
    }

    [Fact]
    public void Change_that_does_not_fit_leaves_all_as_it_was()
    {
        using LabelProject project = _folder.Open("cat");
        long picture = All(project).Pictures[0].Id, cat = project.Classes()[0].Id;
        ChangeRequest good = ProjectFolder.Adding(cat, 1, 1, 3);
        foreach ((ChangeRequest bad, string message) in new[]
        {
            (good with { Op = "paint" }, "no change"), (good with { Object = null }, "without an object"),
            (good with { Object = good.Object! with { ClassId = 99 } }, "no class 99"),
            (good with { Object = good.Object! with { Rle = null } }, "without a mask"),
            (good with { Object = good.Object! with { Rle = new RleDocument([32, 40], "0") } }, "a mask of 40x32"),
            (good with { Object = good.Object! with { Rle = new RleDocument([32, 48], "~~") } }, "cannot be read"),
            (good with { Object = good.Object! with { Rle = new RleDocument([32, 48], Rle.Encode(new BinaryMask(48, 32)).ToCompressed()) } }, "empty mask"),
            (good with { Object = good.Object! with { Score = double.NaN } }, "a score"),
            (good with { Object = good.Object! with { Made = "magic" } }, "no way to make a mask"),
            (new ChangeRequest("remove", 77, null, null, null), "no object 77"), (new ChangeRequest("state", null, null, "perfect", null), "no state"),
        })
        {
            Assert.Contains(message, Assert.Throws<LabelRequestException>(
                () => project.Change(picture, ProjectFolder.Changes(0, good, bad), "Ann")).Message);
            Assert.Equal((0L, 0), (project.Picture(picture, []).Version, project.Picture(picture, []).Objects.Count));
        }

        Assert.Equal(404, Assert.Throws<LabelRequestException>(() => project.Change(99, ProjectFolder.Changes(0, good), "Ann")).Status);
        Assert.Throws<LabelRequestException>(() => project.Change(picture, ProjectFolder.Changes(0), "Ann"));
        Assert.Throws<LabelRequestException>(() => project.Change(picture, ProjectFolder.Changes(0, good) with { Seconds = double.NaN }, "Ann"));
    }

    [Fact]
    public void Classes_are_added_changed_and_removed_without_losing_objects()
    {
        using LabelProject project = _folder.Open("cat");
        long picture = All(project).Pictures[0].Id, cat = project.Classes()[0].Id;
        project.Change(picture, ProjectFolder.Changes(0, ProjectFolder.Adding(cat, 1, 1, 3)), "Ann");
        ClassDocument dog = project.AddClass(new ClassRequest("dog", "#00FF00", "5"));
        Assert.Equal(("dog", "#00ff00", "5"), (dog.Name, dog.Color, dog.Key));
        Assert.Equal(dog, project.AddClass(new ClassRequest("dog", null, null)));
        Assert.Equal("puppy", project.ChangeClass(dog.Id, new ClassRequest("puppy", null, "")).Name);
        Assert.Null(project.Classes()[1].Key);
        Assert.Equal(409, Assert.Throws<LabelRequestException>(() => project.ChangeClass(dog.Id, new ClassRequest("cat", null, null))).Status);
        Assert.Equal(409, Assert.Throws<LabelRequestException>(() => project.ChangeClass(dog.Id, new ClassRequest(null, null, "1"))).Status);
        Assert.Contains("say which class", Assert.Throws<LabelRequestException>(() => project.RemoveClass(cat, null)).Message);
        project.RemoveClass(cat, dog.Id);
        Assert.Equal(dog.Id, Assert.Single(project.Picture(picture, []).Objects).ClassId);
        Assert.Single(project.Classes());
        foreach (string? name in new[] { null, "", "   ", new string('x', 101), "a\nb" })
            Assert.Equal(422, Assert.Throws<LabelRequestException>(() => project.AddClass(new ClassRequest(name, null, null))).Status);
        Assert.Equal(422, Assert.Throws<LabelRequestException>(() => project.AddClass(new ClassRequest("x", "red", null))).Status);
    }

    [Fact]
    public void Pictures_that_come_move_change_and_go_are_noticed()
    {
        using LabelProject project = _folder.Open("cat");
        IReadOnlyList<PictureDocument> before = All(project).Pictures;
        foreach (PictureDocument picture in before.Take(2))
            project.Change(picture.Id, ProjectFolder.Changes(0, ProjectFolder.Adding(project.Classes()[0].Id, 1, 1, 3)), "Ann");
        File.Move(_folder["a.png"], _folder["more/renamed.png"]);
        _folder.Add("b.png", 50);
        File.Delete(_folder["more/c.png"]);
        _folder.Add("new.png", 60);
        File.WriteAllText(_folder["broken.png"], "no picture");
        ProjectScan scan = project.Scan();
        Assert.Equal((1, 1, 1, 1, 1), (scan.Added, scan.Moved, scan.Changed, scan.Missing, scan.Failed.Count));
        Dictionary<string, PictureDocument> after = All(project).Pictures.ToDictionary(picture => picture.Name);
        Assert.Equal((before[0].Id, 1L, "here"), (after["more/renamed.png"].Id, after["more/renamed.png"].Objects, after["more/renamed.png"].Status));
        Assert.Equal(("changed", 1L), (after["b.png"].Status, after["b.png"].Objects));
        Assert.Equal("missing", after["more/c.png"].Status);
        File.Delete(_folder["broken.png"]);
        ProjectScan again = project.Scan();
        Assert.Equal((0, 0, 0), (again.Added, again.Moved, again.Missing));
        _folder.Add("more/c.png", 3);
        project.Scan();
        Assert.Equal("here", All(project).Pictures.Single(picture => picture.Name == "more/c.png").Status);
    }

    [Fact]
    public void Filters_and_next_lead_through_the_list()
    {
        using LabelProject project = _folder.Open("cat");
        IReadOnlyList<PictureDocument> all = All(project).Pictures;
        project.Change(all[1].Id, ProjectFolder.Changes(0, new ChangeRequest("state", null, null, "done", null), ProjectFolder.Adding(project.Classes()[0].Id, 1, 1, 3)), "Ann");
        Assert.Equal(["b.png"], Names(new PictureFilter("done", null, null)));
        Assert.Equal(["more/c.png"], Names(new PictureFilter(null, "MORE", null)));
        Assert.Equal(["b.png"], Names(new PictureFilter(null, null, project.Classes()[0].Id)));
        Assert.Equal(new NextDocument(all[2].Id, 1), project.Next(all[0].Id, new PictureFilter("todo", null, null)));
        Assert.Equal(new NextDocument(all[0].Id, 0), project.Next(all[2].Id, new PictureFilter("todo", null, null)));
        Assert.Null(project.Next(all[1].Id, new PictureFilter("done", null, null)));

        IEnumerable<string> Names(PictureFilter filter) => project.Pictures(filter, 0, 10, _ => []).Pictures.Select(picture => picture.Name);
    }

    [Fact]
    public void What_is_exported_comes_back_to_the_last_pixel()
    {
        using var other = new ProjectFolder();
        using LabelProject project = _folder.Open("cat", "dog"), copy = other.Open();
        IReadOnlyList<PictureDocument> all = All(project).Pictures;
        project.Change(all[0].Id, ProjectFolder.Changes(0, ProjectFolder.Adding(1, 1, 1, 3), ProjectFolder.Adding(2, 5, 5, 9)), "Ann");
        project.Change(all[2].Id, ProjectFolder.Changes(0, ProjectFolder.Adding(2, 0, 0, 30)), "Ann");
        CocoWriter.Write(other["labels.json"], project.Export(other.Path));
        CocoDataset read = CocoDataset.Load(other["labels.json"], other.Path);
        ProjectImport done = copy.Import(
            read.Images.Select(image => new AnnotatedPicture(image.Name.Length > 0 ? image.Name : image.Path, image.Width, image.Height, [.. image.Annotations.Select(a => new Annotation(a.Decode()) { Label = a.Label })])),
            "Bob");
        Assert.Equal((2, 3, 0), (done.Pictures, done.Objects, done.Skipped.Count));
        Assert.Equal(["cat", "dog"], done.ClassesAdded);
        IReadOnlyList<PictureDocument> there = All(copy).Pictures;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(
                project.Picture(all[i].Id, []).Objects.Select(o => (o.ClassId, o.Rle.Counts)),
                copy.Picture(there[i].Id, []).Objects.Select(o => (o.ClassId, o.Rle.Counts)));
        }

        Assert.Equal("import", Assert.Single(copy.History(there[0].Id).Entries).How);
        Assert.Empty(copy.Undo(there[0].Id, 1).Objects);
    }

    [Fact]
    public void Import_of_other_pictures_says_why_they_are_left_out()
    {
        using LabelProject project = _folder.Open();
        Directory.CreateDirectory(_folder["even"]);
        _folder.Add("more/d.png", 9);
        _folder.Add("even/d.png", 10);
        project.Scan();
        var mask = new BinaryMask(48, 32);
        mask.Fill(new PixelBox(0, 0, 5, 5));
        ProjectImport done = project.Import(
            [
                new AnnotatedPicture("unknown.jpg", 48, 32, [new Annotation(mask)]), new AnnotatedPicture("other/d.png", 48, 32, [new Annotation(mask)]),
                new AnnotatedPicture("b.png", 20, 20, []),
            ], "Ann");
        Assert.Equal(
            ["the project has no such picture", "several pictures of the project have this name", "it is 20x20 there and 48x32 here"],
            done.Skipped.Select(skipped => skipped.Why));
    }

    [Fact]
    public void Files_that_are_no_projects_are_left_as_they_are()
    {
        string file = _folder["x.db"];
        File.WriteAllText(file, new string('x', 5000));
        LabelProjectException broken = Assert.Throws<LabelProjectException>(() => LabelProject.Open(_folder.Path, file));
        Assert.Contains("no backup", broken.Message);
        Assert.Equal(new string('x', 5000), File.ReadAllText(file));

        Build("newer.db", $"PRAGMA application_id = {ProjectSchema.ApplicationId}; PRAGMA user_version = 99");
        Assert.Contains("newer PocketSam (version 99", Assert.Throws<LabelProjectException>(() => LabelProject.Open(_folder.Path, _folder["newer.db"])).Message);
        Build("other.db", "CREATE TABLE mail (id INTEGER)");
        Assert.Contains("another program", Assert.Throws<LabelProjectException>(() => LabelProject.Open(_folder.Path, _folder["other.db"])).Message);
        Assert.Contains("no such folder", Assert.Throws<LabelProjectException>(() => LabelProject.Open(_folder["nowhere"])).Message);

        void Build(string name, string sql)
        {
            using var connection = new SqliteConnection($"Data Source={_folder[name]};Pooling=False");
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }

    [Fact]
    public void Broken_project_names_its_backup()
    {
        using (LabelProject project = _folder.Open("cat"))
            project.Change(All(project).Pictures[0].Id, ProjectFolder.Changes(0, ProjectFolder.Adding(1, 1, 1, 3)), "Ann");
        using (_folder.Open())
        {
        }

        string file = _folder[LabelProject.FileName];
        Assert.True(File.Exists(file + ".bak"));
        byte[] bytes = File.ReadAllBytes(file);
        Array.Clear(bytes, 0, 200);
        File.WriteAllBytes(file, bytes);
        Assert.Contains(file + ".bak", Assert.Throws<LabelProjectException>(() => LabelProject.Open(_folder.Path)).Message);
        Assert.Equal(bytes, File.ReadAllBytes(file));
        File.Move(file + ".bak", file, overwrite: true);
        using LabelProject restored = _folder.Open();
        Assert.Equal(1, restored.Counts().Objects);
    }

    [Fact, Trait("Category", "Slow")]
    public void Large_project_opens_turns_and_saves_quickly()
    {
        using (LabelProject project = _folder.Open("cat"))
        {
            string counts = ProjectFolder.Square(3, 3, 20).Counts;
            using var connection = new SqliteConnection($"Data Source={project.File};Pooling=False");
            connection.Open();
            using SqliteTransaction all = connection.BeginTransaction();
            for (int i = 0; i < 5000; i++)
            {
                Run($"INSERT INTO pictures (path, hash, bytes, modified, width, height) VALUES ('x/{i:00000}.jpg', 'h{i}', 1, '1', 48, 32)");
                for (int k = 0; k < 20; k++)
                {
                    Run("INSERT INTO objects (picture_id, class_id, height, width, counts, made, who, at) "
                        + $"VALUES ({i + 4}, 1, 32, 48, '{counts}', 'brush', 'Ann', '2026-01-01T00:00:00.000Z')");
                }
            }

            all.Commit();

            void Run(string sql)
            {
                using SqliteCommand command = connection.CreateCommand();
                command.CommandText = sql;
                command.ExecuteNonQuery();
            }
        }

        var clock = Stopwatch.StartNew();
        using LabelProject large = LabelProject.Open(_folder.Path);
        PicturesDocument list = large.Pictures(new PictureFilter(null, null, null), 0, 200, _ => []);
        CountsDocument counted = large.Counts();
        double open = clock.Elapsed.TotalMilliseconds;
        Assert.Equal((5003, 100_000), (counted.Pictures, counted.Objects));
        double[] next = new double[50], save = new double[50];
        long picture = list.Pictures[0].Id;
        for (int i = 0; i < next.Length; i++)
        {
            clock.Restart();
            picture = large.Next(picture, new PictureFilter("todo", null, null))!.Id;
            long version = large.Picture(picture, []).Version;
            next[i] = clock.Elapsed.TotalMilliseconds;
            clock.Restart();
            large.Change(picture, ProjectFolder.Changes(version, ProjectFolder.Adding(1, 1, 1, 3)), "Ann");
            save[i] = clock.Elapsed.TotalMilliseconds;
        }

        Array.Sort(next);
        Array.Sort(save);
        TestContext.Current.TestOutputHelper!.WriteLine($"open {open:0} ms, next picture {next[25]:0.0} ms, save {save[25]:0.0} ms (medians of 50)");
        Assert.True(open < 10_000 && next[25] < 1500 && save[25] < 500, $"{open}, {next[25]}, {save[25]}");
    }

    private static PicturesDocument All(LabelProject project) => project.Pictures(new PictureFilter(null, null, null), 0, 1000, _ => []);
}
