#include "modes/connect/screen/room.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace netchat::connect {

namespace {

template <class People>
auto findPerson(People& people, std::string_view nick) {
    return std::lower_bound(people.begin(), people.end(), nick,
                            [](const Person& person, std::string_view other) {
                                return person.nick.compare(other) < 0;
                            });
}

}  // namespace

Person* RoomView::find(std::string_view nick) {
    const auto place = findPerson(people, nick);
    return place == people.end() || place->nick != nick ? nullptr : &*place;
}

const Person* RoomView::find(std::string_view nick) const {
    return const_cast<RoomView*>(this)->find(nick);
}

void RoomView::enter(Person person) {
    const auto place = findPerson(people, person.nick);
    if (place != people.end() && place->nick == person.nick) {
        person.spoke = place->spoke;
        *place = std::move(person);
    } else if (people.size() >= kPeopleMax) {
        ++members;
    } else {
        people.insert(place, std::move(person));
        members = std::max<uint64_t>(members + 1, people.size());
    }
}

void RoomView::enter(std::vector<Person> more) {
    const auto byNick = [](const Person& a, const Person& b) { return a.nick.compare(b.nick) < 0; };
    std::sort(more.begin(), more.end(), byNick);
    if (people.size() + more.size() > kPeopleMax) {
        more.resize(kPeopleMax - std::min(kPeopleMax, people.size()));
    }
    const auto known = static_cast<std::ptrdiff_t>(people.size());
    people.insert(people.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
    std::inplace_merge(people.begin(), people.begin() + known, people.end(), byNick);
    const auto same = [](const Person& a, const Person& b) { return a.nick == b.nick; };
    people.erase(std::unique(people.begin(), people.end(), same), people.end());
}

void RoomView::leave(std::string_view nick) {
    const auto place = findPerson(people, nick);
    const bool known = place != people.end() && place->nick == nick;
    if (known) people.erase(place);
    // Whoever is not listed was counted, where there are more than are listed.
    if (members > 0 && (known || members > people.size())) --members;
}

void RoomView::toEnd() {
    anchor.reset();
    below = {};
    answers.clear();
    marked = 0;
    stopGoing();
}

void RoomView::stopGoing() {
    goesTo = 0;
    goesToTop = goesToNew = holdsMarked = false;
    seeksMention.reset();
}

bool RoomView::wasUsed() const {
    for (size_t i = lines.size(); i-- > 0;) {
        const Line& line = lines.at(i);
        const bool said = line.kind == Line::Kind::Message || line.kind == Line::Kind::File;
        if (said && line.state != Line::State::Failed) return true;
    }
    return false;
}

void RoomView::findNew() {
    if (newFromSeq == 0 || newFromSeq > lines.newest()) return;
    const size_t at = lines.firstFrom(newFromSeq);
    if (at == lines.size()) {
        newFromSeq = 0;
        return;
    }
    const Line& line = lines.at(at);
    if (line.kind == Line::Kind::Hole) {
        // What was the first is kept no longer, or is not to be seen.
        newFromSeq = std::max(newFromSeq, line.seq);
        return;
    }
    newFromSeq = 0;
    newFrom = line.id;
}

void RoomView::answer(const Line& line) {
    if (answers.size() == kAnswersMax) answers.pop_front();
    answers.push_back(line);
}

void RoomView::talked(std::string_view nick) {
    if (isTalker(nick)) return;
    if (talkers.size() == kTalkersMax) talkers.pop_front();
    talkers.emplace_back(nick);
}

bool RoomView::isTalker(std::string_view nick) const {
    return std::find(talkers.begin(), talkers.end(), nick) != talkers.end();
}

std::string RoomView::checkInvariants() const {
    const auto notLess = [](const Person& a, const Person& b) { return a.nick >= b.nick; };
    if (std::adjacent_find(people.begin(), people.end(), notLess) != people.end())
        return "who is here is not in the order of nicks";
    if (people.size() > kPeopleMax) return "too many are listed";
    if (talkers.size() > kTalkersMax) return "too many talkers are remembered";
    if (std::set<std::string_view>(talkers.begin(), talkers.end()).size() != talkers.size())
        return "a talker is remembered twice";
    if (turned.size() > kTurnedMax) return "too many folded lines are remembered";
    if (answers.size() > kAnswersMax) return "too many answers are shown";
    return lines.checkInvariants();
}

}  // namespace netchat::connect
