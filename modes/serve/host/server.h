#pragma once

// The whole server: acceptor, loops, hub, log and store, wired together.
//
//     acceptor --socket--> loop 0..K-1 --commands--> hub --effects--> loops
//                             |  ^
//                             v  | answers
//                         store's thread
//
// With one loop the hub runs in it and nothing is posted; with more it has a thread of its own.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "modes/mutex.h"
#include "modes/net/acceptor.h"
#include "modes/net/event_loop.h"
#include "modes/net/proxy_reader.h"
#include "modes/net/tls.h"
#include "modes/serve/base/log.h"
#include "modes/serve/control/control.h"
#include "modes/serve/host/hub_host.h"
#include "modes/serve/host/log_bounds.h"
#include "modes/serve/host/loop_host.h"
#include "modes/serve/host/postgres_port.h"
#include "modes/serve/host/time_keeper.h"
#include "modes/serve/hub/hub.h"
#include "modes/serve/limits/admission.h"
#include "modes/serve/limits/balancers.h"
#include "modes/serve/moderation/audit.h"
#include "modes/serve/moderation/bans.h"
#include "modes/serve/moderation/reload.h"
#include "modes/store/disk_file_store.h"
#include "modes/store/file_store.h"
#include "modes/store/folder_lock.h"
#include "modes/store/postgres/postgres_searcher.h"
#include "modes/store/postgres/replicated_files.h"
#include "modes/store/reserve.h"
#include "modes/store/room_log.h"
#include "modes/store/sanction_store.h"
#include "modes/store/searcher.h"
#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_searcher.h"
#include "modes/store/temporary_folder.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::serve {

struct ServerOptions {
    Poco::Net::SocketAddress address;
    size_t headerWidth = limits::kHeaderWidth;
    std::string encoding = "utf-8";
    uint64_t fileBytesMax = limits::kFileBytesMax;
    uint64_t storeBytesMax = limits::kStoreBytesMax;
    // Of files that one address has announced and not sent yet; 0: a quarter of the store.
    uint64_t announcedPerAddress = 0;
    size_t loops = 1;
    // Where logs, users and files last; empty: in memory and a temporary folder.
    std::filesystem::path data;
    // Without `data`: the folder of a key of its own all the same; empty: one for this run.
    std::filesystem::path identity = {};
    // Memory: rooms and users are not kept in `data`, only files.
    store::Durability durability = store::Durability::Process;
    // A database of PostgreSQL in which rooms, users and rulings are kept in place of `data`, and
    // `durability` does not count; PostgresTarget::parse(). Requires `data`. Empty: none.
    std::string log = {};
    bool logUnreplicated = false;  // it may lack a synchronous standby
    store::Retention retention;
    // How long the nick of a user who is away is kept; 0: it is not. Where users last only.
    int64_t nickLeaseMs = limits::kNickLeaseMs;
    Limits limits;
    // As passwordLine() makes it; empty: whoever can reach it may come in.
    std::string password;
    int64_t graceMs = limits::kGraceMs;
    // PEM files of a real certificate; empty: one of its own, kept in `data`.
    std::filesystem::path tlsCertificate, tlsKey;
    // Also where others can reach it, outside of TLS.
    bool classicForAll = false;
    // The balancers: whoever connects from there says first, by a PROXY header, who the client is.
    std::vector<Network> proxyFrom = {};
    // Once the address is bound and the named certificate read, before anything is made in `data`:
    // time to give up the rights that only those needed.
    std::function<Status()> afterBind = {};
    // Polled while another server has the log; true gives up waiting for it.
    std::function<bool()> isStopping = [] { return false; };
    // Another server has taken the log over: time to end this one, at once. On the hub's thread.
    std::function<void(const std::string& why)> onLogLost = {};
    // An operator has ordered to read the settings again: time for reload() and reloaded(). On a
    // thread of the server's. Null: that is refused.
    std::function<void(ReloadRequest)> onReload = {};
    // An operator has ordered the end, and everyone has left or was waited for: time to
    // beginStop(). On a thread of the server's.
    std::function<void()> onDrained = {};
};

// The thread that made it calls its methods.
class Server {
  public:
    // Listens, but serves nobody before start(). Errors say what is wrong with an option, or why
    // the address or the store cannot be used.
    static Result<std::unique_ptr<Server>> create(ServerOptions options, Log& log);
    ~Server();  // stops at once

    void start();
    Poco::Net::SocketAddress address() const { return acceptor_->address(); }
    // What clients know it by: "sha256:…".
    const std::string& fingerprint() const { return tls_->fingerprint(); }

    // Accepts nobody any more, lets what is on its way arrive, tells everyone, and ends; returns
    // at once. finished() becomes true within the grace and a little.
    void beginStop();
    bool finished() const { return finished_.load(); }

    // What of the settings was read again and differs, though its option is the same.
    struct Reread {
        bool certificate, password;
        std::string former;  // the fingerprint of the certificate before
    };
    // From now on goes by these limits, sizes of files, retention, password, certificate, grace and
    // balancers; of the rest nothing changes. On an error nothing changes at all.
    Result<Reread> reload(const ServerOptions& wanted);
    // What came of it, for whoever asked, and for the audit log.
    void reloaded(const ReloadRequest& request, const Result<ReloadReport>& result);

    // Accepts nobody any more; onDrained() follows when nobody is left, or after the time (0: none
    // is set). Any thread.
    void beginDrain(int64_t forMs);

  private:
    Server(ServerOptions options, Log& log);

    Status open();
    Result<std::shared_ptr<const net::TlsContext>> makeTls(std::filesystem::path certificate,
                                                           std::filesystem::path key) const;
    Result<bool> keepIdentity(const std::filesystem::path& folder,
                              const std::filesystem::path& certificate,
                              const std::filesystem::path& key) const;
    void tellOfNoKey(const std::string& why) const;
    Status openTls();
    Status openStores();
    Status openRooms();
    bool isOnPostgres() const { return !options_.log.empty(); }
    Status openPostgres();  // server_postgres.cpp, as the next
    void usePostgres();
    Result<OperatorPorts> openControl();
    Status openSanctions();

    // server_arrivals.cpp
    // Who wants to come in, as far as a balancer's word is taken.
    struct Arrival {
        Poco::Net::IPAddress address;
        bool onThisMachine;
        std::optional<Forwarded> forwarded;  // none: it came by itself
    };
    void useBalancers();
    net::ProxyReader& headerReader();
    LoopHost& nextHost();
    void accepted(const Poco::Net::StreamSocket& socket);
    void headerRead(const net::ProxyReader::Outcome& outcome);
    void admit(const Incoming& incoming, const Arrival& arrival);
    void refuse(LoopHost& host, const Incoming& incoming, const Arrival& arrival, Error why);
    void logBadHeader(const net::ProxyReader::Outcome& outcome);
    bool mayTell();
    void logUntoldSoon();
    void logUntold();

    void descriptors(net::Acceptor::Full what);
    AddressPorts addressPorts();
    void wakeAll();
    void trimSoon();
    void stopAccepting();
    void drain(int64_t forMs);
    store::FileVault::Options fileOptions();
    std::function<void(const std::string&, const store::FileCost&)> tellOfFiles();
    void search(SessionId session, store::SearchQuery query);
    void hand();
    void lookAfterTheLog();
    std::optional<int64_t> upkeep(const store::Retention& retention);
    std::optional<int64_t> forgetSome(const store::Retention& retention);
    void stop();
    template <class Ask>
    bool anyShard(Ask ask);
    void waitWhile(int64_t deadlineMs, const std::function<bool()>& condition);

    ServerOptions options_;
    Log& log_;
    std::unique_ptr<store::TemporaryFolder> temporary_;  // of files that do not outlast the server
    std::shared_ptr<const net::TlsContext> tls_;
    std::unique_ptr<store::FileStore> files_;
    std::unique_ptr<store::FolderLock> lock_;
    std::unique_ptr<TimeKeeper> time_;
    std::unique_ptr<store::Reserve> reserve_;  // null: without a data folder
    std::unique_ptr<store::RoomLog> roomLog_;
    store::PostgresLog* postgres_ = nullptr;  // the room log, where it is one
    std::unique_ptr<PostgresPort> postgresPort_;
    store::PostgresSearcher* postgresSearcher_ = nullptr;  // the searcher, likewise
    store::ReplicatedFiles* replicatedFiles_ = nullptr;    // the files, likewise
    LogBounds logBounds_;
    std::unique_ptr<store::Searcher> searcher_;
    store::SqliteSearcher* indexer_ = nullptr;  // the searcher, where it must be told of growth
    store::NickLog* nickLog_ = nullptr;
    store::UserLog* userLog_ = nullptr;  // the room log's other side, where users last
    std::unique_ptr<Charset> hubCharset_;
    V2Encoder v2Encoder_;
    std::unique_ptr<ClassicEncoder> classicEncoder_;
    std::unique_ptr<store::SanctionStore> ownSanctions_;  // null: they are in the log
    store::SanctionStore* sanctions_ = nullptr;           // null: operators have no way in
    std::unique_ptr<AuditLog> audit_;
    BanGate gate_;
    Balancers balancers_;
    std::unique_ptr<Admission> admission_;
    std::unique_ptr<MemoryBudget> memory_;
    std::unique_ptr<PasswordGate> password_;
    std::unique_ptr<Hub> hub_;
    std::vector<std::unique_ptr<net::EventLoop>> loops_;
    std::vector<std::unique_ptr<LoopHost>> hosts_;
    std::unique_ptr<net::LoopThread> headerLoop_;  // null: no balancer has come, like the next
    std::unique_ptr<net::ProxyReader> headerReader_;
    std::unique_ptr<HubHost> hubHost_;
    std::unique_ptr<ControlDesk> control_;  // on the first loop
    std::vector<std::thread> threads_;
    std::unique_ptr<net::Acceptor> acceptor_;
    std::atomic<uint32_t> trimsAsked_{0};  // since the last trim; any thread
    std::atomic<size_t> admitted_{0};      // any thread
    std::atomic<size_t> nextHost_{0};      // any thread
    std::atomic<bool> untoldSoon_{false};  // any thread; a line about them is on its way
    uint64_t closedForDescriptors_ = 0;    // the acceptor's thread only
    std::once_flag acceptingStopped_;
    std::thread stopper_;
    Mutex drainMutex_;
    std::thread drainer_ GUARDED_BY(drainMutex_);
    std::atomic<bool> stopping_{false};
    std::atomic<bool> finished_{false};
    std::atomic<bool> abandoned_{false};  // the destructor gives no grace
};

}  // namespace netchat::serve
