using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling.Pictures;

/// <summary>
/// Pictures of the project among those of the service, where clicks find them. When one is opened, the next ones of the list are
/// encoded too, after it and one at a time, so that nobody waits for them.
/// </summary>
internal sealed class Embeddings(PictureFolder folder, ProjectDatabase database, PocketSamPictures pictures) : BackgroundService
{
    /// <summary>How many are encoded ahead.</summary>
    private const int Ahead = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Id, long Modified), Task<string>> _byPicture = [];
    private readonly Channel<long> _opened = Channel.CreateBounded<long>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>The id by which the service knows a picture; it is given to it where it does not.</summary>
    /// <exception cref="LabelException">It is not there.</exception>
    public async Task<string> OpenAsync(StoredPicture picture)
    {
        string id = await AddAsync(picture);
        _opened.Writer.TryWrite(picture.Id);
        return id;
    }

    /// <summary>The id by which the service knows it; null where it does not.</summary>
    public string? IdOf(StoredPicture picture)
    {
        lock (_gate)
        {
            return _byPicture.TryGetValue(KeyOf(picture), out Task<string>? known) && known.IsCompletedSuccessfully
                && pictures.Contains(known.Result) ? known.Result : null;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (long opened in _opened.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                long place = opened;
                await WaitAsync(place, stoppingToken);
                for (int i = 0; i < Ahead && !_opened.Reader.TryPeek(out _); i++)
                {
                    long after = place;
                    NextDocument? next = await database.ReadAsync(session => PictureTable.NextAsync(session, new PictureFilter(), after));
                    if (next is null)
                        break;
                    place = next.Id;
                    await WaitAsync(place, stoppingToken);
                }
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // No room, or no picture: it is encoded when it is opened, and whoever opens it is told.
            }
        }
    }

    private static (long Id, long Modified) KeyOf(StoredPicture picture) => (picture.Id, picture.Modified);

    private async Task WaitAsync(long id, CancellationToken cancellation)
    {
        StoredPicture picture = await database.ReadAsync(session => PictureTable.GetAsync(session, id));
        await pictures.WaitAsync(await AddAsync(picture), cancellation);
    }

    private async Task<string> AddAsync(StoredPicture picture)
    {
        Task<string> adding;
        lock (_gate)
        {
            if (_byPicture.TryGetValue(KeyOf(picture), out Task<string>? known)
                && (!known.IsCompleted || (known.IsCompletedSuccessfully && pictures.Contains(known.Result))))
            {
                adding = known;
            }
            else
            {
                // What the service has dropped is dropped here too.
                foreach ((long, long) key in _byPicture.Where(entry => entry.Value.IsCompleted
                    && !(entry.Value.IsCompletedSuccessfully && pictures.Contains(entry.Value.Result))).Select(entry => entry.Key).ToArray())
                {
                    _byPicture.Remove(key);
                }

                _byPicture[KeyOf(picture)] = adding = ReadAndAddAsync(picture);
            }
        }

        return await adding;
    }

    private async Task<string> ReadAndAddAsync(StoredPicture picture)
    {
        await Task.Yield();
        byte[] file = await folder.ReadAsync(picture, CancellationToken.None);
        return await pictures.AddAsync(picture.Path, file);
    }
}
