#include "modes/connect/screen/room.h"

#include <algorithm>
#include <utility>

namespace netchat::connect {

namespace {

template <class People>
auto placeOf(People& people, std::string_view nick) {
    return std::lower_bound(
        people.begin(), people.end(), nick,
        [](const Person& person, std::string_view other) { return person.nick < other; });
}

}  // namespace

Person* Room::find(std::string_view nick) {
    const auto place = placeOf(people, nick);
    return place == people.end() || place->nick != nick ? nullptr : &*place;
}

const Person* Room::find(std::string_view nick) const {
    return const_cast<Room*>(this)->find(nick);
}

void Room::enter(Person person) {
    const auto place = placeOf(people, person.nick);
    if (place != people.end() && place->nick == person.nick) {
        person.spoke = place->spoke;
        *place = std::move(person);
    } else {
        people.insert(place, std::move(person));
        members = std::max<uint64_t>(members + 1, people.size());
    }
}

void Room::leave(std::string_view nick) {
    const auto place = placeOf(people, nick);
    if (place == people.end() || place->nick != nick) return;
    people.erase(place);
    if (members > 0) --members;
}

}  // namespace netchat::connect
